import { bytesToHex, type Hex, zeroHash } from "viem";
import { findEmptyLeaf, findEmptyTree } from "./emptyLeaves.ts";
import { MillraceError } from "./errors.ts";
import { type Fault, type PlacedReceipt, wireReceipt } from "./faults.ts";
import { encodeTokenIds, hashItem, hashReceipt, hashReceiptLeaf, hashTokenIds, modelIdOf } from "./hashes.ts";
import { RECEIPT_VERSION } from "./receipts.ts";
import { PositionalTree, verifyPath } from "./tree.ts";
import {
  type Item,
  type Job,
  type Lot,
  type ModelSpec,
  type Receipt,
  type Submission,
  stopReasons,
  type Totals,
  type WireReceipt,
} from "./types.ts";

// Finds what contracts/Faults.sol proves; vectors/faults.json is read by tests of both.

const STOP_ERROR = stopReasons.indexOf("error");
const NO_TOTALS: Totals = { promptTokens: 0n, outputTokens: 0n, errors: 0 };

/** A receipt in which a fault is looked for, and what more is known of its item. */
export interface KnownReceipt extends Omit<PlacedReceipt, "path"> {
  /** Counts from 0 within the lot. */
  index: number;
  /** May be left out if all receipts of the lot are known. */
  path?: readonly Hex[];
  promptTokenIds?: readonly number[];
  outputTokenIds?: readonly number[];
}

/** A job's input. Indices count within the job. */
export interface KnownInput {
  itemAt(itemIndex: number): Item;
  /** The item's leaf. Default: it is hashed again. */
  leafAt?(itemIndex: number): Hex;
  /** The path of an item's leaf in the job's input tree; a provider, who has a range's proof, needs none. */
  pathAt?(itemIndex: number): readonly Hex[];
}

export interface FindFaultParameters {
  lot: Lot;
  submission: Submission;
  /** The lot's job. */
  job: Job;
  /** Of the job's model. Default: classes are not checked. */
  spec?: ModelSpec;
  /** What the buyer opened the job with. Default: inputs and caps are not checked. */
  input?: KnownInput;
  /** In ascending order of their indices. */
  receipts: readonly KnownReceipt[];
  /** Over exactly these receipts, if they are all: `writeReceipts` has just made it. Default: it is made again. */
  tree?: PositionalTree;
}

/**
 * Looks for an objective fault of a commitment in what is known of it: the first one, with the call that proves it.
 *
 * Providers check their own commitments with it before they submit: one in which it finds nothing, given all receipts, the
 * input that a range proof shows to be the job's, and the published spec, is safe from every proof. Buyers check what was
 * delivered, or what answers to demands show.
 *
 * @throws MillraceError `not-committed` if a receipt does not stand in the submission's tree, or the spec is of another
 * model: then nothing can be said.
 */
export function findFault(parameters: FindFaultParameters): Fault | undefined {
  const { lot, submission, job, spec, receipts } = parameters;
  if (spec && modelIdOf(spec) !== job.request.modelId) throw notCommitted("The spec is of another model.");
  const leavesOf = () => receipts.map(({ receipt, totals }) => hashReceiptLeaf(hashReceipt(receipt), totals));
  const isComplete = receipts.length === lot.itemCount && receipts.every(({ index }, i) => index === i);
  if (isComplete) {
    const tree = parameters.tree ?? new PositionalTree(leavesOf());
    if (tree.root !== submission.root) throw notCommitted("The receipts have another root.");
    return first(receipts, (known, i) =>
      findReceiptFault(parameters, known, receipts[i - 1], ({ index }) => tree.path(index)),
    );
  }

  const leaves = leavesOf();
  const pathOf = ({ path }: KnownReceipt) => path ?? [];
  for (const [i, known] of receipts.entries()) {
    if (!verifyPath(submission.root, lot.itemCount, leaves[i]!, known.index, pathOf(known))) {
      throw notCommitted(`The receipt at ${known.index} does not stand in the tree.`);
    }
  }
  return (
    findMissing(parameters, leaves) ??
    first(receipts, (known, i) => {
      const before = receipts[i - 1];
      const previous = before?.index === known.index - 1 ? before : undefined;
      return findReceiptFault(parameters, known, previous, pathOf);
    })
  );
}

/** All receipts of a lot with their running totals, as their writer knows them. */
export function knownReceipts(receipts: readonly Receipt[]): KnownReceipt[] {
  let totals = NO_TOTALS;
  return receipts.map((receipt, index) => {
    const wired = wireReceipt(receipt);
    totals = addReceipt(totals, wired);
    return { index, receipt: wired, totals };
  });
}

function findMissing(
  { lot, submission, receipts }: FindFaultParameters,
  leaves: readonly Hex[],
): Fault | undefined {
  const empty =
    findEmptyTree(submission.root, lot.itemCount) ??
    first(receipts, ({ index, path }, i) =>
      findEmptyLeaf({ count: lot.itemCount, leaf: leaves[i]!, index, path: path ?? [] }),
    );
  if (!empty) return undefined;
  const { index, leaf, path } = empty;
  return {
    kind: "empty-leaf",
    index,
    call: { functionName: "proveEmptyLeaf", args: [lot, submission, BigInt(index), leaf, path] },
  };
}

/**
 * @param previous the receipt before, if it is known
 * @param pathOf called only for what a proof needs, as paths are long
 */
function findReceiptFault(
  parameters: FindFaultParameters,
  known: KnownReceipt,
  previous: KnownReceipt | undefined,
  pathOf: (known: KnownReceipt) => readonly Hex[],
): Fault | undefined {
  const { lot, submission, job, spec } = parameters;
  const { index, receipt, totals } = known;
  const where = [lot, submission, BigInt(index)] as const;
  const place = () => ({ receipt, totals, path: pathOf(known) });

  if (isMisstated(lot, index, receipt)) {
    return { kind: "statement", index, call: { functionName: "proveStatement", args: [...where, place()] } };
  }
  const isFirst = index === 0;
  if ((isFirst || previous) && !isSame(totals, addReceipt(previous?.totals ?? NO_TOTALS, receipt))) {
    const before = previous
      ? placedLeaf(previous, pathOf(previous))
      : { receiptHash: zeroHash, totals: NO_TOTALS, path: [] };
    const args = [...where, before, place()] as const;
    return { kind: "totals", index, call: { functionName: "proveTotals", args } };
  }
  if (index === lot.itemCount - 1 && !isSame(totals, submission.totals)) {
    const args = [lot, submission, placedLeaf(known, pathOf(known))] as const;
    return { kind: "lot-totals", index, call: { functionName: "proveLotTotals", args } };
  }
  const inputFault = findInputFault(parameters, known, place);
  if (inputFault) return inputFault;
  if (spec && receipt.classHash !== spec.classHash) {
    const args = [job, ...where, place(), spec] as const;
    return { kind: "class", index, call: { functionName: "proveClass", args } };
  }
  const tokenIds = findMiscounted(known);
  if (tokenIds !== undefined) {
    const args = [...where, place(), tokenIds] as const;
    return { kind: "count", index, call: { functionName: "proveCount", args } };
  }
  return undefined;
}

/** Whether a receipt counts more than its item allows. */
export function isAboveCaps(
  { promptTokens, outputTokens }: Pick<Receipt, "promptTokens" | "outputTokens">,
  { promptTokensCap, outputTokensCap }: Pick<Item, "promptTokensCap" | "outputTokensCap">,
): boolean {
  return promptTokens > promptTokensCap || outputTokens > outputTokensCap;
}

/** Whether a receipt is not about the item at `index` of a lot, or says what cannot be. */
export function isMisstated(
  lot: Pick<Lot, "jobId" | "firstItem">,
  index: number,
  receipt: WireReceipt,
): boolean {
  const { version, jobId, itemIndex, stopReason, promptTokens, outputTokens } = receipt;
  return (
    version !== RECEIPT_VERSION ||
    jobId !== lot.jobId ||
    itemIndex !== lot.firstItem + index ||
    stopReason >= stopReasons.length ||
    (stopReason >= STOP_ERROR && (promptTokens > 0 || outputTokens > 0))
  );
}

function findInputFault(
  { lot, submission, job, input }: FindFaultParameters,
  { index, receipt }: KnownReceipt,
  place: () => PlacedReceipt,
): Fault | undefined {
  if (!input) return undefined;
  const where = [lot, submission, BigInt(index)] as const;
  const itemIndex = lot.firstItem + index;
  const item = input.itemAt(itemIndex);
  const leaf = input.leafAt?.(itemIndex) ?? hashItem(item);
  if (leaf !== receipt.inputLeaf) {
    const path = input.pathAt?.(itemIndex);
    const call = path && {
      functionName: "proveInput" as const,
      args: [job, ...where, place(), leaf, path] as const,
    };
    return { kind: "input", index, call };
  }
  if (isAboveCaps(receipt, item)) {
    return { kind: "cap", index, call: { functionName: "proveCap", args: [...where, place(), item] } };
  }
  return undefined;
}

/** Token ids whose hash a receipt binds and whose number it misstates, as it hashes them. */
function findMiscounted({ receipt, promptTokenIds, outputTokenIds }: KnownReceipt): Hex | undefined {
  const claims = [
    { ids: promptTokenIds, hash: receipt.promptTokensHash, count: receipt.promptTokens },
    { ids: outputTokenIds, hash: receipt.outputTokensHash, count: receipt.outputTokens },
  ];
  return first(claims, ({ ids, hash, count }) => {
    if (!ids || ids.length === count) return undefined;
    return hashTokenIds(ids) === hash ? bytesToHex(encodeTokenIds(ids)) : undefined;
  });
}

function placedLeaf({ receipt, totals }: KnownReceipt, path: readonly Hex[]) {
  return { receiptHash: hashReceipt(receipt), totals, path };
}

function addReceipt({ promptTokens, outputTokens, errors }: Totals, receipt: WireReceipt): Totals {
  return {
    promptTokens: promptTokens + BigInt(receipt.promptTokens),
    outputTokens: outputTokens + BigInt(receipt.outputTokens),
    errors: errors + (receipt.stopReason === STOP_ERROR ? 1 : 0),
  };
}

function isSame(a: Totals, b: Totals): boolean {
  return a.promptTokens === b.promptTokens && a.outputTokens === b.outputTokens && a.errors === b.errors;
}

/** The first value that `find` finds in a list. */
function first<Item, Found>(
  list: readonly Item[],
  find: (item: Item, i: number) => Found | undefined,
): Found | undefined {
  for (const [i, item] of list.entries()) {
    const found = find(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notCommitted(details: string): MillraceError {
  return new MillraceError("This is not what was committed to.", { code: "not-committed", details });
}
