import { join } from "node:path";
import {
  decodeResults,
  encodeResults,
  generateEncryptionKeys,
  hashChunks,
  type ItemResult,
  identityBytes,
  itemLeaf,
  open,
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
import { classHashOf } from "../modelSpec.ts";

/** What a lot's provider promises, and the key that opens what it promises. */
export interface Commitment {
  submission: Submission;
  /** The age identity of the results; goes to the buyer once the submission is mined. */
  identity: string;
}

/**
 * Writes the receipts of a computed lot, seals its results under a fresh key and fixes the commitment. The first
 * commitment stays: after a crash the same is used again.
 *
 * @throws AgentError `self-check-failed`, `input-missing`
 */
export async function commitLot(context: StageContext, own: OwnLot): Promise<Commitment> {
  const known = await readCommitment(own);
  if (known) return known;
  const input = await readInput(context, own);
  if (!input) throw new AgentError("The lot's input is gone.", { code: "input-missing", retryable: true });
  const results = await readResults(own);
  const inputLeaves = input.items.map((item, i) => itemLeaf(own.lot.firstItem + i, item));
  const classHash = classHashOf(context.engine);
  const book = receiptsOf(own, { classHash, inputLeaves, outcomes: results });

  const { identity, publicKey } = await generateEncryptionKeys();
  const sealed = await seal(publicKey, encodeResults({ lotId: own.lotId, results }));
  const submission: Submission = {
    root: book.tree.root,
    resultsHash: hashChunks(sealed),
    resultsKeyHash: keccak256(identityBytes(identity)),
    ...book.totals,
  };
  await checkCommitment(own, { classHash, inputLeaves, sealed, submission, identity });
  // The results first: a commitment without them would be of no use.
  await writeFileAtomically(join(own.folder, lotFiles.results), sealed);
  await writeFileAtomically(join(own.folder, lotFiles.commitment), toJson({ submission, identity }));
  return { submission, identity };
}

/** The commitment fixed for a lot, if there is one and its results are there. */
export async function readCommitment(own: OwnLot): Promise<Commitment | undefined> {
  const json = await readTextIfAny(join(own.folder, lotFiles.commitment));
  return json === undefined ? undefined : fromJson<Commitment>(json);
}

/** The sealed results of a committed lot. */
export async function readSealedResults(own: OwnLot): Promise<Uint8Array> {
  const sealed = await readBytesIfAny(join(own.folder, lotFiles.results));
  if (!sealed) throw new AgentError("The lot's results are gone.", { code: "self-check-failed" });
  return sealed;
}

async function readResults(own: OwnLot): Promise<ItemResult[]> {
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
  known: { classHash: Hex; inputLeaves: readonly Hex[]; outcomes: readonly ItemResult[] },
) {
  return writeReceipts({ jobId: lot.jobId, firstItem: lot.firstItem, ...known });
}

/**
 * Does what the buyer will do: opens the sealed bytes with the committed key and recomputes the commitment. What differs
 * here would be a fault there, and cost the collateral.
 */
async function checkCommitment(
  own: OwnLot,
  {
    classHash,
    inputLeaves,
    sealed,
    submission,
    identity,
  }: Commitment & { classHash: Hex; inputLeaves: readonly Hex[]; sealed: Uint8Array },
): Promise<void> {
  const { lot, lotId, job } = own;
  if (hashChunks(sealed) !== submission.resultsHash)
    throw selfCheckFailed("the sealed results have another hash");
  const opened = decodeResults(await open(identity, sealed), { lotId, itemCount: lot.itemCount });
  const { tree, totals } = receiptsOf(own, { classHash, inputLeaves, outcomes: opened.results });
  if (tree.root !== submission.root) throw selfCheckFailed("the receipts have another root");
  if (
    totals.promptTokens !== submission.promptTokens ||
    totals.outputTokens !== submission.outputTokens ||
    totals.errors !== submission.errors
  ) {
    throw selfCheckFailed("the totals differ");
  }
  const { promptTokensCap, outputTokensCap } = job.request;
  for (const { promptTokens, tokenIds } of opened.results) {
    if (promptTokens > promptTokensCap || tokenIds.length > outputTokensCap) {
      throw selfCheckFailed("an item exceeds its caps");
    }
  }
}

function selfCheckFailed(details: string): AgentError {
  return new AgentError("Our results do not fit their commitment.", { code: "self-check-failed", details });
}
