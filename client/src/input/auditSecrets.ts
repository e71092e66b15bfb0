import {
  AUDIT_ATTEMPTS,
  deriveSecret,
  hashChain,
  hashText,
  type Lot,
  MillraceError,
  PositionalTree,
} from "@millrace/protocol";
import { bytesToHex, type Hex, hexToBytes } from "viem";

const AUDIT_PURPOSE = hashText("millrace.client.audit.v1");

/** What shows that a lot's audit set is the one that its job's buyer committed to. */
export interface AuditSecret {
  /** With the provider's commitment it fixes the audit set; see protocol's `auditSeedOf`. */
  secret: Hex;
  /** From the leaf at the lot's first item to the job's `auditRoot`. */
  path: Hex[];
}

/**
 * The tree whose root a job commits to: its audit secrets, a chain of them for every item that a lot may begin with. All
 * come from `secret`, so that they need not be kept. Ten hashes an item: keep the tree rather than make it again.
 */
export function auditTreeOf(secret: Hex, itemCount: number): PositionalTree {
  const leaves = Array.from({ length: itemCount }, (_, firstItem) =>
    hashChain(chainStart(secret, firstItem), AUDIT_ATTEMPTS),
  );
  return new PositionalTree(leaves);
}

/**
 * The secret of one lot. To show it tells nothing of the secrets of other lots, nor of those of later assignments of the
 * same items.
 *
 * @param tree of the job, by {@link auditTreeOf}
 * @param secret of the job
 * @throws MillraceError `no-audit-set` when the items were assigned too often
 */
export function auditSecretOf(
  tree: PositionalTree,
  secret: Hex,
  { firstItem, attempt }: Pick<Lot, "firstItem" | "attempt">,
): AuditSecret {
  if (attempt >= AUDIT_ATTEMPTS) {
    throw new MillraceError(`Assignment ${attempt + 1} of a lot has no audit set.`, { code: "no-audit-set" });
  }
  const link = hashChain(chainStart(secret, firstItem), AUDIT_ATTEMPTS - 1 - attempt);
  return { secret: bytesToHex(link), path: tree.path(firstItem) };
}

function chainStart(secret: Hex, firstItem: number): Uint8Array {
  return hexToBytes(deriveSecret(secret, AUDIT_PURPOSE, firstItem));
}
