import { courtAbi, type Job, type Submission } from "@millrace/protocol";
import { encodeFunctionData, type Hex, keccak256 } from "viem";
import type { LotView } from "../batches/jobView.ts";
import type { SigningCore } from "../core/core.ts";
import type { AuditSecret } from "../input/auditSecrets.ts";
import { challengeSecretOf } from "./secrets.ts";

/**
 * Opens a case about an item. Its secret derives from the job's, so that any process which has that can go on with it.
 *
 * @param secret the job's
 * @param audit the secret of the lot's audit set
 * @param index in the lot
 * @param position in the audit set, or `NOT_IN_AUDIT_SET`
 * @throws MillraceError `contract-refused`, `chain-unreachable` (retryable)
 */
export async function sendChallenge(
  { network, sender }: SigningCore,
  {
    view: { lot, lotId, cases },
    terms,
    submission,
    secret,
    audit,
    index,
    position,
  }: {
    view: LotView;
    terms: Job;
    submission: Submission;
    secret: Hex;
    audit: AuditSecret;
    index: number;
    position: number;
  },
): Promise<void> {
  const commitment = keccak256(challengeSecretOf(secret, lotId, cases.length + 1));
  const args = [terms, lot, submission, BigInt(index), { ...audit, position }, commitment] as const;
  await sender.send({
    to: network.court,
    data: encodeFunctionData({ abi: courtAbi, functionName: "challenge", args }),
  });
}
