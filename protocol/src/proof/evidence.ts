import type { Hex } from "viem";
import { auditSeedOf, judgedItems, verifyAuditSecret } from "../auditSet.ts";
import { decodeItem, decodeResult, type ItemResult } from "../bundles.ts";
import { type CaseKind, NOT_IN_AUDIT_SET } from "../court.ts";
import { MillraceError } from "../errors.ts";
import { commitmentOf, hashReceipt, hashReceiptLeaf, jobIdOf, lotIdOf } from "../hashes.ts";
import { type ItemInput, itemLeaf } from "../items.ts";
import { receiptOf } from "../receipts.ts";
import { verifyPath } from "../tree.ts";
import type { Job, Lot, MarketRef, Submission, Totals } from "../types.ts";

// What the jurors of a case about an item are given, sealed: JSON with amounts as {"$bigint": "…"}.

const EVIDENCE_VERSION = 1;

/** An item that jurors may look at, with all that ties it to the chain. */
export interface JudgedItem {
  /** Counts from 0 within the lot. */
  index: number;
  input: ItemInput;
  /** Of its leaf in the job's input tree. */
  inputPath: readonly Hex[];
  result: ItemResult;
  /** Running totals of the lot up to and including it. */
  totals: Totals;
  /** Of its leaf in the lot's tree of receipts. */
  receiptPath: readonly Hex[];
}

/** What a challenger shows. */
export interface Evidence {
  job: Job;
  lot: Lot;
  submission: Submission;
  /** Shows which items the audit set has; undefined for a case about an item outside it. */
  audit: { secret: Hex; path: readonly Hex[]; position: number } | undefined;
  /** The challenged one first, then those judged with it, in the order of `judgedItems`. */
  items: readonly JudgedItem[];
}

/** Packs evidence for jurors. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const content = { version: EVIDENCE_VERSION, ...evidence };
  const json = JSON.stringify(content, (_, value) =>
    typeof value === "bigint" ? { $bigint: value.toString() } : value,
  );
  return new TextEncoder().encode(json);
}

/**
 * Unpacks evidence and checks that all of it hangs together: the lot is the one in question, the items are those that the
 * case is about, they stand in the job's input, and their results in what was committed to.
 *
 * Two things only the chain can tell, and the caller asks it: that the Market holds `commitmentOf(lotId, submission)` for
 * the lot, and `hashJob(job)` for its job.
 *
 * @param expected what the chain says of the case; and the class of the model, which receipts name
 * @throws MillraceError `invalid-bundle`
 */
export function decodeEvidence(
  bytes: Uint8Array,
  expected: { ref: MarketRef; lotId: Hex; kind: CaseKind; index: number; classHash: Hex },
): Evidence {
  let evidence: Evidence;
  try {
    const raw = parse(bytes) as unknown as Evidence;
    evidence = {
      job: raw.job,
      lot: raw.lot,
      submission: raw.submission,
      audit: raw.audit,
      items: raw.items.map((item) => ({
        ...item,
        input: decodeItem({ ...item.input }),
        result: decodeResult({ ...item.result }),
      })),
    };
    // Hashing also finds what is missing or of another type.
    checkEvidence(evidence, expected);
  } catch (cause) {
    if (cause instanceof MillraceError && cause.code === "invalid-bundle") throw cause;
    throw invalid("It is malformed.", cause);
  }
  return evidence;
}

function checkEvidence(
  { job, lot, submission, audit, items }: Evidence,
  expected: { ref: MarketRef; lotId: Hex; kind: CaseKind; index: number; classHash: Hex },
): void {
  if (lotIdOf(lot) !== expected.lotId) throw invalid("It is about another lot.");
  if (jobIdOf(expected.ref, job.buyer, job.request.nonce) !== lot.jobId)
    throw invalid("It shows another job.");
  const indices = judgedIndices({ job, lot, submission, audit }, expected);
  if (items.length !== indices.length || items.some(({ index }, i) => index !== indices[i])) {
    throw invalid(`It shows other items than ${indices.join(", ")}.`);
  }
  for (const item of items) checkItem({ job, lot, submission }, item, expected.classHash);
}

function judgedIndices(
  { job, lot, submission, audit }: Omit<Evidence, "items">,
  { lotId, kind, index }: { lotId: Hex; kind: CaseKind; index: number },
): number[] {
  if (kind !== "audit") return [index];
  if (!audit || audit.position === NOT_IN_AUDIT_SET || !verifyAuditSecret(job.request, lot, audit)) {
    throw invalid("It does not show the audit set.");
  }
  const seed = auditSeedOf(audit.secret, commitmentOf(lotId, submission));
  const indices = judgedItems(seed, lot.itemCount, audit.position);
  if (indices[0] !== index) throw invalid("Another item has this position in the audit set.");
  return indices;
}

function checkItem(
  { job, lot, submission }: Pick<Evidence, "job" | "lot" | "submission">,
  { index, input, inputPath, result, totals, receiptPath }: JudgedItem,
  classHash: Hex,
): void {
  const itemIndex = lot.firstItem + index;
  const inputLeaf = itemLeaf(itemIndex, input);
  const { inputRoot, itemCount } = job.request;
  if (!verifyPath(inputRoot, itemCount, inputLeaf, itemIndex, inputPath)) {
    throw invalid(`Item ${index} is not what the job's input says.`);
  }
  const receipt = receiptOf({ jobId: lot.jobId, classHash, itemIndex, inputLeaf, outcome: result });
  const leaf = hashReceiptLeaf(hashReceipt(receipt), totals);
  if (!verifyPath(submission.root, lot.itemCount, leaf, index, receiptPath)) {
    throw invalid(`Item ${index} is not what was committed to.`);
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const parsed = JSON.parse(text, (_, value) =>
    typeof value === "object" && value !== null && typeof value.$bigint === "string"
      ? BigInt(value.$bigint)
      : value,
  ) as Record<string, unknown>;
  if (parsed.version !== EVIDENCE_VERSION) throw invalid(`Unknown version ${String(parsed.version)}.`);
  return parsed;
}

function invalid(details: string, cause?: unknown): MillraceError {
  return new MillraceError("The evidence is not usable.", { code: "invalid-bundle", details, cause });
}
