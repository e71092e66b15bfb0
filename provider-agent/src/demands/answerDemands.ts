import { faultsAbi, knownReceipts, type PlacedReceipt, type Submission } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { readCommitment, readReceipts } from "../commit/commitLot.ts";
import { revertOf } from "../errors.ts";
import type { StageContext } from "../lots/context.ts";
import type { OwnLot } from "../lots/lotBook.ts";

/**
 * Shows the buyer every receipt of a lot that they demand: who does not in time loses the collateral. What is demanded
 * is asked of the chain, so that nothing has to be remembered. A demand that cannot be answered any more is logged, and
 * holds nothing else up.
 *
 * @throws AgentError those of sending a transaction
 */
export async function answerDemands(context: StageContext, own: OwnLot): Promise<void> {
  const { chain, logger } = context;
  const { lotId } = own;
  const demands = (await chain.openDemands(lotId)).filter(({ index, deadline }) => {
    const isInTime = chain.now() <= deadline;
    if (!isInTime) logger.error({ lotId, index }, "a demand for a receipt was not answered in time");
    return isInTime;
  });
  if (demands.length === 0) return;
  const kept = await readCommitment(own);
  if (!kept) return logger.error({ lotId }, "a receipt is demanded of a lot whose files are gone");
  const book = await readReceipts(context, own, kept).catch((error: unknown) => {
    logger.error({ lotId, error: String(error) }, "a receipt is demanded and cannot be written again");
    return undefined;
  });
  if (!book) return;
  const receipts = knownReceipts(book.receipts);
  // The most urgent first.
  for (const { index } of demands.toSorted((a, b) => a.deadline - b.deadline)) {
    const { receipt, totals } = receipts[index]!;
    const placed = { receipt, totals, path: book.tree.path(index) };
    await answer(context, own, { submission: kept.submission, index, placed });
  }
}

async function answer(
  { chain, transactions, logger }: StageContext,
  { lot, lotId }: OwnLot,
  { submission, index, placed }: { submission: Submission; index: number; placed: PlacedReceipt },
): Promise<void> {
  try {
    await transactions.send(() => ({
      to: chain.faults,
      data: encodeFunctionData({
        abi: faultsAbi,
        functionName: "answerReceipt",
        args: [lot, submission, BigInt(index), placed],
      }),
      purpose: "answer to a demand for a receipt",
    }));
    logger.info({ lotId, index }, "showed a receipt");
  } catch (error) {
    const revert = revertOf(error);
    if (revert === undefined) throw error;
    // Answered by what a former run had sent, or the lot is over.
    logger.warn({ lotId, index, revert }, "an answer was refused");
  }
}
