import { bytesToHex, type Hex, hexToBytes } from "viem";
import { verifyPath } from "./tree.ts";
import type { Lot } from "./types.ts";
import { hashBytes, hashWords } from "./words.ts";

// Matched by contracts/libraries/AuditSet.sol; vectors/auditSet.json is read by tests of both.

/** The most positions that an audit set has. */
export const AUDIT_POSITIONS = 128;

/** How often the same items can be assigned and have an audit set. */
export const AUDIT_ATTEMPTS = 8;

/** How many positions from the challenged one on are judged with it. */
const JUDGED_POSITIONS = 4;

/** How many positions the audit set of a lot of `itemCount` items has. */
export function auditSetLength(itemCount: number): number {
  return Math.min(itemCount, AUDIT_POSITIONS);
}

/**
 * The seed of a lot's audit set.
 *
 * @param secret the lot's, of the job's buyer
 * @param commitment in full, as {@link commitmentOf} gives it
 */
export function auditSeedOf(secret: Hex, commitment: Hex): Hex {
  return hashWords([secret, commitment]);
}

/**
 * Which item of a lot of `itemCount` items, counted from 0, is at `position` of its audit set. Lots of at most 128 items
 * are in it whole; of larger ones items are drawn, each anew, so one can be at several positions.
 */
export function auditItemAt(seed: Hex, itemCount: number, position: number): number {
  if (!Number.isSafeInteger(position) || position < 0 || position >= auditSetLength(itemCount)) {
    throw new RangeError(`No position ${position} in the audit set of ${itemCount} items.`);
  }
  if (itemCount <= AUDIT_POSITIONS) return position;
  return Number(BigInt(hashWords([seed, position])) % BigInt(itemCount));
}

/** The items of a lot's audit set by position. */
export function auditSetOf(seed: Hex, itemCount: number): number[] {
  return Array.from({ length: auditSetLength(itemCount) }, (_, position) =>
    auditItemAt(seed, itemCount, position),
  );
}

/** The items that a case about the one at `position` may look at: it, and those of the next three positions, each once. */
export function judgedItems(seed: Hex, itemCount: number, position: number): number[] {
  const length = auditSetLength(itemCount);
  const items = Array.from({ length: JUDGED_POSITIONS }, (_, offset) =>
    auditItemAt(seed, itemCount, offset === 0 ? position : (position + offset) % length),
  );
  return [...new Set(items)];
}

/** `value` hashed `times` over. */
export function hashChain(value: Uint8Array, times: number): Uint8Array {
  let link = value;
  for (let i = 0; i < times; i++) link = hashBytes(link);
  return link;
}

/** The leaf of a job's audit tree to which the secret of assignment number `attempt`, from 0, leads. */
export function auditLeafOf(secret: Hex, attempt: number): Hex {
  return bytesToHex(hashChain(hexToBytes(secret, { size: 32 }), attempt + 1));
}

/** Whether `secret` is that of the lot, as its job's buyer committed to with the `auditRoot` of a job of `jobItems`. */
export function verifyAuditSecret(
  { auditRoot, itemCount: jobItems }: { auditRoot: Hex; itemCount: number },
  { firstItem, attempt }: Pick<Lot, "firstItem" | "attempt">,
  { secret, path }: { secret: Hex; path: readonly Hex[] },
): boolean {
  if (attempt >= AUDIT_ATTEMPTS) return false;
  return verifyPath(auditRoot, jobItems, auditLeafOf(secret, attempt), firstItem, path);
}
