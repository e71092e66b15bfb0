import { join } from "node:path";
import {
  decodeResults,
  encodeResults,
  findFault,
  generateEncryptionKeys,
  hashChunks,
  type InputBundle,
  type ItemResult,
  identityBytes,
  itemLeaf,
  itemOf,
  knownReceipts,
  open,
  type ReceiptBook,
  type Submission,
  seal,
  writeReceipts,
} from "@millrace/protocol";
import { type Hex, keccak256 } from "viem";
import { AgentError } from "../errors.ts";
import { readInput } from "../fetch/fetchInput.ts";
import { openItemsLog } from "../infer/itemsLog.ts";
import type { StageContext } from "../lots/context.ts";
import { fromJson, readBytesIfAny, readTextIfAny, toJson, writeFileAtomically } from "../lots/files.ts";
import { lotFiles, type OwnLot } from "../lots/lotBook.ts";

/** What a lot's provider promises, and the key that opens what it promises. */
export interface Commitment {
  submission: Submission;
  /** The age identity of the results; goes to the buyer once the submission is mined. */
  identity: string;
}

/** The same as it is kept. */
interface KeptCommitment extends Commitment {
  /** That of its receipts, so that they can be written again whatever model the agent runs then. */
  classHash: Hex;
}

/**
 * Writes the receipts of a computed lot, seals its results under a fresh key and fixes the commitment, if no proof of a
 * fault could be made against it. The first commitment stays: after a crash the same is used again.
 *
 * @throws AgentError `self-check-failed`, `input-missing`
 */
export async function commitLot(context: StageContext, own: OwnLot): Promise<Commitment> {
  const known = await readCommitment(own);
  if (known) return known;
  const input = await readInput(context, own);
  if (!input) throw new AgentError("The lot's input is gone.", { code: "input-missing", retryable: true });
  const results = await readResults(own);
  const { classHash } = context.spec;
  const book = receiptsOf(own, { classHash, input, results });

  const { identity, publicKey } = await generateEncryptionKeys();
  const sealed = await seal(publicKey, encodeResults({ lotId: own.lotId, results }));
  const submission: Submission = {
    root: book.tree.root,
    resultsHash: hashChunks(sealed),
    resultsKeyHash: keccak256(identityBytes(identity)),
    totals: book.totals,
  };
  await checkCommitment(context, own, { input, sealed, submission, identity });
  // The results first: a commitment without them would be of no use.
  await writeFileAtomically(join(own.folder, lotFiles.results), sealed);
  const kept: KeptCommitment = { submission, identity, classHash };
  await writeFileAtomically(join(own.folder, lotFiles.commitment), toJson(kept));
  return kept;
}

/** The commitment fixed for a lot, if there is one and its results are there. */
export async function readCommitment(own: OwnLot): Promise<KeptCommitment | undefined> {
  const json = await readTextIfAny(join(own.folder, lotFiles.commitment));
  return json === undefined ? undefined : fromJson<KeptCommitment>(json);
}

/** The sealed results of a committed lot. */
export async function readSealedResults(own: OwnLot): Promise<Uint8Array> {
  const sealed = await readBytesIfAny(join(own.folder, lotFiles.results));
  if (!sealed) throw selfCheckFailed("the sealed results are gone");
  return sealed;
}

/**
 * The receipts behind a commitment, written again from what is kept of the lot.
 *
 * @throws AgentError `self-check-failed`, `input-missing`
 */
export async function readReceipts(
  context: StageContext,
  own: OwnLot,
  { classHash, submission }: KeptCommitment,
): Promise<ReceiptBook> {
  const input = await readInput(context, own);
  if (!input) throw new AgentError("The lot's input is gone.", { code: "input-missing", retryable: true });
  const book = receiptsOf(own, { classHash, input, results: await readResults(own) });
  if (book.tree.root !== submission.root) throw selfCheckFailed("the receipts have another root");
  return book;
}

/** @throws AgentError `self-check-failed` if one is missing */
export async function readResults(own: OwnLot): Promise<ItemResult[]> {
  const log = await openItemsLog(own.folder);
  await log.close();
  return Array.from({ length: own.lot.itemCount }, (_, index) => {
    const result = log.done.get(index);
    if (!result) throw selfCheckFailed(`item ${index} is not computed`);
    return result;
  });
}

function receiptsOf(
  { lot }: OwnLot,
  { classHash, input, results }: { classHash: Hex; input: InputBundle; results: readonly ItemResult[] },
): ReceiptBook {
  const inputLeaves = input.items.map((item, i) => itemLeaf(lot.firstItem + i, item));
  return writeReceipts({
    jobId: lot.jobId,
    firstItem: lot.firstItem,
    classHash,
    inputLeaves,
    outcomes: results,
  });
}

/**
 * Does what the buyer will do: opens the sealed bytes with the committed key, recomputes the commitment and looks for
 * whatever could be proven against it. What is found here would cost the collateral there.
 */
async function checkCommitment(
  { spec }: StageContext,
  own: OwnLot,
  { input, sealed, submission, identity }: Commitment & { input: InputBundle; sealed: Uint8Array },
): Promise<void> {
  const { lot, lotId, job } = own;
  const { results } = decodeResults(await open(identity, sealed), { lotId, itemCount: lot.itemCount });
  const { receipts, tree } = receiptsOf(own, { classHash: spec.classHash, input, results });
  if (tree.root !== submission.root) throw selfCheckFailed("the receipts have another root");
  const fault = findFault({
    lot,
    submission,
    job,
    spec,
    input: { itemAt: (index) => itemOf(index, input.items[index - lot.firstItem]!) },
    receipts: knownReceipts(receipts).map((known, i) => ({
      ...known,
      outputTokenIds: results[i]!.tokenIds,
    })),
  });
  if (fault) throw selfCheckFailed(`${fault.kind} of item ${lot.firstItem + fault.index}`);
}

function selfCheckFailed(details: string): AgentError {
  return new AgentError("Our results do not fit their commitment.", { code: "self-check-failed", details });
}
