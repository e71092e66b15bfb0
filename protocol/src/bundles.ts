import type { Hex } from "viem";
import { MillraceError } from "./errors.ts";
import { type ItemInput, itemLeaf } from "./items.ts";
import { isFailure, type Outcome } from "./receipts.ts";
import { type PositionalTree, verifyRange } from "./tree.ts";
import { type Lot, stopReasons } from "./types.ts";

// What goes through a relay, sealed: JSON Lines, a header first, then one line per item in order.

const BUNDLE_VERSION = 1;

/** A lot's input: its items and the proof that they stand in the job's input tree. */
export interface InputBundle {
  jobId: Hex;
  firstItem: number;
  proof: Hex[];
  items: ItemInput[];
}

/** What a provider delivers for one item. */
export interface ItemResult extends Outcome {
  text: string;
  /** Set exactly when the stop reason is a failure. */
  error?: { code: string; message: string };
}

/** A lot's results, in item order. */
export interface ResultsBundle {
  lotId: Hex;
  results: ItemResult[];
}

const encode = (lines: readonly unknown[]) =>
  new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

/** Packs the items [first, first + count) of a job for their provider. */
export function encodeInput(
  job: { jobId: Hex; items: readonly ItemInput[]; tree: PositionalTree },
  { firstItem, itemCount }: { firstItem: number; itemCount: number },
): Uint8Array {
  const proof = job.tree.rangeProof(firstItem, itemCount);
  const header = { version: BUNDLE_VERSION, jobId: job.jobId, firstItem, itemCount, proof };
  return encode([header, ...job.items.slice(firstItem, firstItem + itemCount)]);
}

/**
 * Unpacks a lot's input and checks it against the job's input root.
 *
 * @throws MillraceError `invalid-bundle` if it is malformed, incomplete, or not what the buyer committed to. To a provider
 * that is the same as no input at all.
 */
export function decodeInput(
  bytes: Uint8Array,
  expected: { lot: Lot; inputRoot: Hex; itemCount: number },
): InputBundle {
  const { lot } = expected;
  const [header, ...lines] = decode(bytes);
  const proof = asArray(header?.proof).map(asHash);
  if (header?.jobId !== lot.jobId || header?.firstItem !== lot.firstItem)
    throw invalid("It is for another lot.");
  if (lines.length !== lot.itemCount) throw invalid(`It has ${lines.length} items, not ${lot.itemCount}.`);
  const items = lines.map(decodeItem);
  const leaves = items.map((item, i) => itemLeaf(lot.firstItem + i, item));
  if (!verifyRange(expected.inputRoot, expected.itemCount, lot.firstItem, leaves, proof)) {
    throw invalid("Its items are not those of the job's input root.");
  }
  return { jobId: lot.jobId, firstItem: lot.firstItem, proof, items };
}

/**
 * Reads one item of an input.
 *
 * @throws MillraceError `invalid-bundle` if it is malformed
 */
export function decodeItem(line: Record<string, unknown>): ItemInput {
  return {
    request: asString(line.request),
    promptTokensCap: asCount(line.promptTokensCap),
    outputTokensCap: asCount(line.outputTokensCap),
    samplerHash: asHash(line.samplerHash),
    requesterSeed: asHash(line.requesterSeed),
    salt: asHash(line.salt),
  };
}

/** Packs a lot's results for its buyer. */
export function encodeResults({ lotId, results }: ResultsBundle): Uint8Array {
  return encode([{ version: BUNDLE_VERSION, lotId, itemCount: results.length }, ...results]);
}

/**
 * Unpacks a lot's results. Their truth is checked against the commitment by the caller; see writeReceipts.
 *
 * @throws MillraceError `invalid-bundle` if it is malformed or incomplete.
 */
export function decodeResults(bytes: Uint8Array, expected: { lotId: Hex; itemCount: number }): ResultsBundle {
  const [header, ...lines] = decode(bytes);
  if (header?.lotId !== expected.lotId) throw invalid("It is for another lot.");
  if (lines.length !== expected.itemCount)
    throw invalid(`It has ${lines.length} results, not ${expected.itemCount}.`);
  return { lotId: expected.lotId, results: lines.map(decodeResult) };
}

/**
 * Reads one item's result.
 *
 * @throws MillraceError `invalid-bundle` if it is malformed
 */
export function decodeResult(line: Record<string, unknown>): ItemResult {
  const stopReason = stopReasons.find((reason) => reason === line.stopReason);
  if (!stopReason) throw invalid(`Unknown stop reason ${JSON.stringify(line.stopReason)}.`);
  if ((line.error !== undefined) !== isFailure(stopReason)) {
    throw invalid(`An error ${line.error === undefined ? "is missing" : "stands"} beside "${stopReason}".`);
  }
  return {
    stopReason,
    promptTokens: asCount(line.promptTokens),
    promptTokensHash: asHash(line.promptTokensHash),
    tokenIds: asArray(line.tokenIds).map(asCount),
    fingerprint: asHex(line.fingerprint),
    salt: asHash(line.salt),
    text: asString(line.text),
    ...(line.error !== undefined && { error: asError(line.error) }),
  };
}

function decode(bytes: Uint8Array): Record<string, unknown>[] {
  let lines: unknown[];
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  } catch (cause) {
    throw invalid("It is not JSON Lines in UTF-8.", cause);
  }
  for (const line of lines) {
    if (typeof line !== "object" || line === null || Array.isArray(line))
      throw invalid("A line is not an object.");
  }
  const records = lines as Record<string, unknown>[];
  if (records[0]?.version !== BUNDLE_VERSION)
    throw invalid(`Unknown version ${String(records[0]?.version)}.`);
  return records;
}

function invalid(details: string, cause?: unknown): MillraceError {
  return new MillraceError("The bundle is not usable.", { code: "invalid-bundle", details, cause });
}

function asString(value: unknown): string {
  if (typeof value !== "string") throw invalid("A text is missing.");
  return value;
}

function asError(value: unknown): { code: string; message: string } {
  if (typeof value !== "object" || value === null) throw invalid("An error is not an object.");
  const { code, message } = value as { code?: unknown; message?: unknown };
  return { code: asString(code), message: asString(message) };
}

/** Counts and token ids are uint32. */
function asCount(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 0xffffffff) {
    throw invalid(`Not a count: ${JSON.stringify(value)}.`);
  }
  return value as number;
}

function asHash(value: unknown): Hex {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(value))
    throw invalid(`Not a hash: ${JSON.stringify(value)}.`);
  return value as Hex;
}

function asHex(value: unknown): Hex {
  if (typeof value !== "string" || !/^0x([0-9a-f]{2})*$/.test(value)) throw invalid("Bytes are not in hex.");
  return value as Hex;
}

function asArray(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw invalid("A list is missing.");
  return value;
}
