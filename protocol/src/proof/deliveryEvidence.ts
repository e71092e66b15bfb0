import type { Hex } from "viem";
import { MillraceError } from "../errors.ts";
import { verifyRange } from "../tree.ts";
import type { Job, Lot } from "../types.ts";

// What a buyer shows to the jurors of a delivery, in the clear: JSON in UTF-8.

const VERSION = 1;

/**
 * The leaves of a lot's items in its job's input tree, and that they are. With them jurors write the receipts of what was
 * delivered, to compare them with what was committed to. They are salted hashes, and tell nothing of the requests.
 */
export interface DeliveryEvidence {
  inputLeaves: readonly Hex[];
  /** See `PositionalTree.rangeProof`. */
  proof: readonly Hex[];
}

export function encodeDeliveryEvidence({ inputLeaves, proof }: DeliveryEvidence): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, inputLeaves, proof }));
}

/**
 * Unpacks it, and checks that these are the lot's leaves.
 *
 * @throws MillraceError `invalid-bundle`
 */
export function decodeDeliveryEvidence(
  bytes: Uint8Array,
  { lot, job: { request } }: { lot: Pick<Lot, "firstItem" | "itemCount">; job: Pick<Job, "request"> },
): DeliveryEvidence {
  const { version, inputLeaves, proof } = parse(bytes);
  if (version !== VERSION) throw invalid(`Unknown version ${JSON.stringify(version)}.`);
  if (!isHashes(inputLeaves) || !isHashes(proof)) throw invalid("It holds something else than hashes.");
  if (inputLeaves.length !== lot.itemCount) throw invalid(`It has ${inputLeaves.length} leaves.`);
  if (!verifyRange(request.inputRoot, request.itemCount, lot.firstItem, inputLeaves, proof)) {
    throw invalid("Its leaves are not those of the job's input root.");
  }
  return { inputLeaves, proof };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid("It is not JSON in UTF-8.", cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw invalid("It is not an object.");
  return parsed as Record<string, unknown>;
}

function isHashes(value: unknown): value is Hex[] {
  return (
    Array.isArray(value) && value.every((one) => typeof one === "string" && /^0x[0-9a-f]{64}$/.test(one))
  );
}

function invalid(details: string, cause?: unknown): MillraceError {
  return new MillraceError("The evidence is not usable.", { code: "invalid-bundle", details, cause });
}
