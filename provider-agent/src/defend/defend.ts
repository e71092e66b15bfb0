import {
  type CaseState,
  courtAbi,
  hashReceipt,
  identityBytes,
  jurySizes,
  knownReceipts,
  seal,
} from "@millrace/protocol";
import { bytesToHex, concat, encodeFunctionData, type Hex, keccak256, numberToHex } from "viem";
import { readCommitment, readReceipts } from "../commit/commitLot.ts";
import { choreOf, doChore, patienceSeconds } from "../court/chores.ts";
import { ABSENT } from "../court/courtReader.ts";
import { deliverResults } from "../deliver/deliver.ts";
import { isRevert } from "../errors.ts";
import type { StageContext } from "../lots/context.ts";
import type { OwnLot } from "../lots/lotBook.ts";
import { judgeOwnItem } from "./judgeOwnItem.ts";

const RANK = 0;
/** Without an event a case is looked at again after so long. */
const HEARTBEAT_SECONDS = 600;

/**
 * Does what the court asks of one of our lots now: adds our secret to the draw, delivers once more, hands jurors of a
 * delivery its key, appeals a verdict that our own machine does not share, and ends what stands still. What to do is
 * asked of the chain, so that nothing has to be remembered.
 *
 * @returns after how many seconds to look again
 * @throws AgentError those of sending a transaction, and of delivering
 */
export async function defend(context: StageContext, own: OwnLot): Promise<number> {
  const { chain, court, logger } = context;
  const { lotId } = own;
  const state = await court.caseOf(lotId);
  const isInTime = chain.now() <= state.deadline;
  let isOwnAppeal = false;
  switch (state.status) {
    case "none":
      // The lot is held, and the endpoint that says so is ahead of the one that was asked.
      return 1;
    case "answer":
      if (isInTime) await answer(context, own, state);
      break;
    case "demanded":
      if (isInTime) await deliverAgain(context, own);
      break;
    case "keys":
      if (isInTime && state.kind === "delivery") await shareKeys(context, own, state);
      break;
    case "decided":
      if (isInTime && state.verdict === "fault") await appealIfWrong(context, own, state);
      break;
    case "drawing":
      // Of an appeal of ours: if no jury is drawn, the verdict stands.
      isOwnAppeal = state.round > 0 && state.verdict === "fault";
      break;
    default:
      break;
  }

  const { votes } = await court.jury(lotId, state.round);
  const chore = choreOf(state, { now: chain.now(), isRevealed: !votes.includes(ABSENT) });
  const due = chore.from + (isOwnAppeal ? 0 : patienceSeconds(state, RANK));
  if (chain.now() < due) return Math.min(HEARTBEAT_SECONDS, Math.max(1, due - chain.now()));
  const isOfItem = state.kind === "item" && state.verdict === "fault" && chore.what === "conclude";
  if (isOfItem) await concludeItem(context, own, state);
  else if (await doChore(context, lotId, chore)) logger.info({ lotId, what: chore.what }, "moved a case on");
  return isOwnAppeal ? 1 : patienceSeconds(state, RANK);
}

/** Adds a secret to the draw, or the challenger's alone would count. It is derived, so that it need not be kept. */
async function answer(context: StageContext, own: OwnLot, { challenges }: CaseState): Promise<void> {
  const { lot, lotId } = own;
  const secret = keccak256(concat([context.secrets.saltSecret, lotId, numberToHex(challenges, { size: 4 })]));
  context.logger.warn({ lotId }, "a lot of ours is challenged");
  const data = encodeFunctionData({ abi: courtAbi, functionName: "answer", args: [lot, secret] });
  await send(context, own, { data, purpose: "answer to a challenge" });
}

async function deliverAgain(context: StageContext, own: OwnLot): Promise<void> {
  const { lot, lotId, job } = own;
  const kept = await readCommitment(own);
  if (!kept) return context.logger.error({ lotId }, "results are demanded of a lot whose files are gone");
  await deliverResults(context, own);
  const wrapped = await seal(job.request.encryptionKey, identityBytes(kept.identity));
  const data = encodeFunctionData({
    abi: courtAbi,
    functionName: "answerDelivery",
    args: [lot, bytesToHex(wrapped)],
  });
  await send(context, own, { data, purpose: "answer to a demand for results" });
}

/** The key of the results goes to the jurors, who look whether they can be had and opened. */
async function shareKeys(context: StageContext, own: OwnLot, { round }: CaseState): Promise<void> {
  const { court, logger } = context;
  const { lot, lotId } = own;
  const kept = await readCommitment(own);
  if (!kept) return logger.error({ lotId }, "jurors wait for the key of a lot whose files are gone");
  await deliverResults(context, own);
  const { seatIds } = await court.jury(lotId, round);
  const keys = await court.seatKeys(seatIds);
  const wrapped = await Promise.all(
    keys.map(async (key, place): Promise<Hex> => {
      try {
        return bytesToHex(await seal(key!, identityBytes(kept.identity)));
      } catch (error) {
        // The court takes any 32 bytes for a seat's key. Who cannot be written to does without.
        logger.warn({ lotId, seatId: seatIds[place], error: String(error) }, "a juror's key is of no use");
        return "0x";
      }
    }),
  );
  const data = encodeFunctionData({ abi: courtAbi, functionName: "shareKeys", args: [lot, wrapped] });
  await send(context, own, { data, purpose: "the keys for a jury" });
}

/** Appeals if our machine finds the item clean, and the account has the bond. */
async function appealIfWrong(context: StageContext, own: OwnLot, state: CaseState): Promise<void> {
  const { chain, logger } = context;
  const { lot, lotId } = own;
  const nextSize = jurySizes[state.round + 1];
  if (nextSize === undefined) return;
  if (state.kind !== "delivery") {
    if (!(await isCleanForUs(context, own, state)))
      return logger.error({ lotId, index: state.index }, "a jury found a fault, and so do we");
  }
  const bond = BigInt(nextSize) * state.jurorFee;
  const { free } = await chain.account(lot.provider);
  if (free < bond) {
    return logger.error({ lotId, bond: bond.toString() }, "not enough is free to appeal a wrong verdict");
  }
  logger.warn({ lotId, bond: bond.toString() }, "appealing a verdict that our machine does not share");
  const data = encodeFunctionData({ abi: courtAbi, functionName: "appeal", args: [lot] });
  await send(context, own, { data, purpose: "appeal" });
}

/** What we think of a case is not computed twice. */
const opinions = new WeakMap<OwnLot, { challenges: number; isClean: boolean }>();

async function isCleanForUs(context: StageContext, own: OwnLot, state: CaseState): Promise<boolean> {
  const { challenges } = state;
  const known = opinions.get(own);
  if (known?.challenges === challenges) return known.isClean;
  const isClean = await judgeOwnItem(context, own, state);
  opinions.set(own, { challenges, isClean });
  return isClean;
}

/** Shows what the voided item counts, which jurors cannot: until then nothing of the lot is paid. */
async function concludeItem(context: StageContext, own: OwnLot, { index }: CaseState): Promise<void> {
  const { lot, lotId } = own;
  const kept = await readCommitment(own);
  if (!kept)
    return context.logger.error({ lotId, index }, "a case about an item of a lot whose files are gone");
  const { receipts, tree } = await readReceipts(context, own, kept);
  const known = knownReceipts(receipts);
  const leafAt = (at: number) => {
    const { receipt, totals } = known[at]!;
    return { receiptHash: hashReceipt(receipt), totals, path: tree.path(at) };
  };
  // Of the first item the one before is not read.
  const args = [lot, kept.submission, leafAt(Math.max(0, index - 1)), leafAt(index)] as const;
  const data = encodeFunctionData({ abi: courtAbi, functionName: "concludeItem", args });
  await send(context, own, { data, purpose: "the end of a case about an item" });
}

/** A refusal is logged and holds nothing up: somebody was faster, or the time is over. */
async function send(
  { court, transactions, logger }: StageContext,
  { lotId }: OwnLot,
  { data, purpose }: { data: Hex; purpose: string },
): Promise<void> {
  try {
    await transactions.send(() => ({ to: court.address, data, purpose }));
    logger.info({ lotId }, purpose);
  } catch (error) {
    if (!isRevert(error)) throw error;
    logger.warn({ lotId, revert: error.revert }, `${purpose} was refused`);
  }
}
