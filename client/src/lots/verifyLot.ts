import {
  commitmentOf,
  decodeResults,
  type Fault,
  findFault,
  hashChunks,
  type ItemResult,
  identityBytes,
  identityFromBytes,
  itemOf,
  type Job,
  knownReceipts,
  type Lot,
  lotIdOf,
  MillraceError,
  open,
  ResultsCheck,
  type Submission,
  storedCommitment,
  writeReceipts,
} from "@millrace/protocol";
import { type Hex, hexToBytes, keccak256 } from "viem";
import type { Core } from "../core/core.ts";
import { readLotState } from "../core/lotState.ts";
import type { Departure } from "../demands/followReceipts.ts";
import { identitySecretOf, type JobInput } from "../input/items.ts";
import { fetchBlob } from "./fetchBlob.ts";

/** What checking a submitted lot came to. */
export type Verdict =
  | { outcome: "verified"; results: ItemResult[] }
  /**
   * The submission is wrong, and cannot become right any more. With a `fault`, hashes alone prove it to the chain; with a
   * `departure`, the provider's receipts may.
   */
  | {
      outcome: "wrong";
      code: "unverified";
      message: string;
      fault: Fault | undefined;
      departure?: Departure;
    }
  /** What is needed to check it is not there, or not right, yet. */
  | { outcome: "missing"; code: "results-missing" | "unverified"; message: string };

export interface VerifyLotOptions {
  lot: Lot;
  submission: Submission;
  /** Whether the lot is paid already: then the Market has forgotten its commitment, and its events alone tell. */
  isSettled: boolean;
  /** The job's terms. */
  job: Job;
  classHash: Hex;
  /** The job's secret, and its input, from which the leaves come that the receipts must bind. */
  secret: Hex;
  input: JobInput;
  /** The key to the results, encrypted to the buyer's, where the chain has it. Default: a relay is asked for it. */
  wrappedKey?: Hex | undefined;
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
  const { lot, submission, isSettled, secret, wrappedKey, signal } = options;
  const lotId = lotIdOf(lot);
  if (!isSettled) {
    const { commitment } = await readLotState(core, lotId);
    if (commitment !== storedCommitment(commitmentOf(lotId, submission))) {
      return missing("unverified", "The chain does not hold this commitment.");
    }
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
  const shown = wrappedKey && (await openKey(ownIdentity, hexToBytes(wrappedKey), submission.resultsKeyHash));
  const key = shown
    ? { value: shown, isWrong: false }
    : await fetchBlob(core, {
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
    const { results } = decodeResults(plaintext, { lotId, itemCount: lot.itemCount });
    return checkResults(options, results);
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

/** Compares results with the receipts that were committed to, and these with what the buyer asked for. */
function checkResults(
  { lot, submission, job, classHash, input }: VerifyLotOptions,
  results: ItemResult[],
): Verdict {
  const { items, leaves } = input;
  const check = new ResultsCheck({ lot, submission, classHash, items, leaves });
  for (const result of results) check.add(result);
  if (check.finding() === "clean") return { outcome: "verified", results };

  const book = writeReceipts({
    jobId: lot.jobId,
    classHash,
    firstItem: lot.firstItem,
    inputLeaves: leaves.slice(lot.firstItem, lot.firstItem + lot.itemCount),
    outcomes: results,
  });
  if (book.tree.root !== submission.root) {
    const departure = { ...book, tokenIds: results.map(({ tokenIds }) => tokenIds) };
    return { ...wrong("The results are not what the receipts say."), departure };
  }
  const fault = findFault({
    lot,
    submission,
    job,
    input: {
      itemAt: (index) => itemOf(index, items[index]!),
      leafAt: (index) => leaves[index]!,
      pathAt: (index) => input.tree.path(index),
    },
    receipts: knownReceipts(book.receipts),
    tree: book.tree,
  });
  if (!fault) throw new Error("Results are neither clean nor faulty.");
  return wrong(`Item ${lot.firstItem + fault.index}: ${describeFault[fault.kind]}`, fault);
}

const describeFault: Record<Fault["kind"], string> = {
  totals: "the running totals do not add up.",
  "lot-totals": "the totals are not those of the receipts.",
  "empty-leaf": "there is no receipt.",
  statement: "its receipt is not about it, or it failed and counts tokens.",
  input: "its receipt is for another input.",
  cap: "it counts more tokens than its caps allow.",
  class: "its receipt names another class than the model's.",
  count: "its receipt counts another number of tokens than it hashes.",
};

const wrong = (message: string, fault?: Fault): Verdict & { outcome: "wrong" } => ({
  outcome: "wrong",
  code: "unverified",
  message,
  fault,
});
const missing = (code: "results-missing" | "unverified", message: string): Verdict => ({
  outcome: "missing",
  code,
  message,
});
