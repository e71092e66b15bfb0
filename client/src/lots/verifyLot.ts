import {
  commitmentOf,
  decodeResults,
  hashChunks,
  type ItemInput,
  type ItemResult,
  identityBytes,
  identityFromBytes,
  isFailure,
  type Lot,
  lotIdOf,
  MillraceError,
  marketAbi,
  open,
  type Submission,
  writeReceipts,
} from "@millrace/protocol";
import { type Hex, hexToBytes, keccak256 } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { identitySecretOf, type JobInput } from "../input/items.ts";
import { fetchBlob } from "./fetchBlob.ts";

/** What checking a submitted lot came to. */
export type Verdict =
  | { outcome: "verified"; results: ItemResult[] }
  /** Proof that the submission is wrong: it cannot become right any more. */
  | { outcome: "wrong"; code: "unverified"; message: string }
  /** What is needed to check it is not there, or not right, yet. */
  | { outcome: "missing"; code: "results-missing" | "unverified"; message: string };

export interface VerifyLotOptions {
  lot: Lot;
  submission: Submission;
  classHash: Hex;
  /** The job's secret, and its input, from which the leaves come that the receipts must bind. */
  secret: Hex;
  input: JobInput;
  signal: AbortSignal;
}

/**
 * Fetches a submitted lot's results and checks everything that hashes can tell: they are those that the provider
 * committed to, receipt by receipt, for this buyer's own items, within their caps, with the totals that are to be paid.
 *
 * Whether the model really said this is checked by scoring items again, which does not happen here.
 *
 * @throws MillraceError `relay-unreachable`, `relay-refused`, `chain-unreachable`
 */
export async function verifyLot(core: Core, options: VerifyLotOptions): Promise<Verdict> {
  const { lot, submission, secret, signal } = options;
  const onChain = await withChainErrors(() =>
    core.publicClient.readContract({
      address: core.network.market,
      abi: marketAbi,
      functionName: "commitmentOf",
      args: [lotIdOf(lot)],
    }),
  );
  if (onChain !== commitmentOf(core.network, lot, submission)) {
    return missing("unverified", "The chain does not hold this commitment.");
  }

  const sealed = await fetchBlob(core, {
    lot,
    kind: "results",
    contentHash: submission.resultsHash,
    accept: async (bytes) => (hashChunks(bytes) === submission.resultsHash ? bytes : undefined),
    signal,
  });
  if (!sealed.value) {
    if (sealed.isWrong) return missing("unverified", "The results are not those that were committed to.");
    return missing("results-missing", "No relay has the results.");
  }

  const ownIdentity = identityFromBytes(hexToBytes(identitySecretOf(secret)));
  const key = await fetchBlob(core, {
    lot,
    kind: "results-key",
    accept: (bytes) => openKey(ownIdentity, bytes, submission.resultsKeyHash),
    signal,
  });
  if (!key.value) {
    if (key.isWrong) return missing("unverified", "The results' key is not the one committed to.");
    return missing("results-missing", "No relay has the results' key.");
  }

  try {
    const plaintext = await open(key.value, sealed.value);
    const { results } = decodeResults(plaintext, { lotId: lotIdOf(lot), itemCount: lot.itemCount });
    const fault = findFault(options, results);
    return fault ? wrong(fault) : { outcome: "verified", results };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return wrong(error.details ?? error.shortMessage);
  }
}

/** The identity that opens the results, if `bytes` hold the one whose hash was committed to. */
async function openKey(
  ownIdentity: string,
  bytes: Uint8Array,
  expectedHash: Hex,
): Promise<string | undefined> {
  try {
    const secret = await open(ownIdentity, bytes);
    if (keccak256(secret) !== expectedHash) return undefined;
    const identity = identityFromBytes(secret);
    return keccak256(identityBytes(identity)) === expectedHash ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with results that opened, or undefined. */
function findFault({ lot, submission, classHash, input }: VerifyLotOptions, results: ItemResult[]) {
  const end = lot.firstItem + lot.itemCount;
  const book = writeReceipts({
    jobId: lot.jobId,
    classHash,
    firstItem: lot.firstItem,
    inputLeaves: input.leaves.slice(lot.firstItem, end),
    outcomes: results,
  });
  const { promptTokens, outputTokens, errors } = book.totals;
  if (book.tree.root !== submission.root) return "The results are not what the receipts say.";
  if (
    promptTokens !== submission.promptTokens ||
    outputTokens !== submission.outputTokens ||
    errors !== submission.errors
  ) {
    return "The totals are not those of the receipts.";
  }
  for (const [i, result] of results.entries()) {
    const fault = findItemFault(input.items[lot.firstItem + i]!, result);
    if (fault) return `Item ${lot.firstItem + i}: ${fault}`;
  }
  return undefined;
}

function findItemFault(
  item: ItemInput,
  { stopReason, promptTokens, tokenIds }: ItemResult,
): string | undefined {
  if (isFailure(stopReason)) {
    return promptTokens > 0 || tokenIds.length > 0 ? "it failed and counts tokens." : undefined;
  }
  if (promptTokens > item.promptTokensCap) return `${promptTokens} prompt tokens exceed its cap.`;
  if (tokenIds.length > item.outputTokensCap) return `${tokenIds.length} output tokens exceed its cap.`;
  return undefined;
}

const wrong = (message: string): Verdict => ({ outcome: "wrong", code: "unverified", message });
const missing = (code: "results-missing" | "unverified", message: string): Verdict => ({
  outcome: "missing",
  code,
  message,
});
