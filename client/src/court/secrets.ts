import { deriveSecret, hashText } from "@millrace/protocol";
import { concat, type Hex, keccak256 } from "viem";

const CHALLENGE_PURPOSE = hashText("millrace.client.challenge.v1");
const EVIDENCE_PURPOSE = hashText("millrace.client.evidence.v1");

/** The secret of a challenge that goes into its draw; its hash is committed to. Derived, so that it need not be kept. */
export function challengeSecretOf(jobSecret: Hex, lotId: Hex, challenge: number): Hex {
  return deriveSecret(ofLot(jobSecret, lotId), CHALLENGE_PURPOSE, challenge);
}

/** The 32 secret bytes of the identity that a challenge's evidence is sealed to, and its jurors get. */
export function evidenceSecretOf(jobSecret: Hex, lotId: Hex, challenge: number): Hex {
  return deriveSecret(ofLot(jobSecret, lotId), EVIDENCE_PURPOSE, challenge);
}

const ofLot = (jobSecret: Hex, lotId: Hex): Hex => keccak256(concat([jobSecret, lotId]));
