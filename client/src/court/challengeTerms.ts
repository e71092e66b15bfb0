import type { MillraceError } from "@millrace/protocol";
import type { Hex } from "viem";
import { type Core, requireAccount } from "../core/core.ts";
import { readDispute } from "./readDispute.ts";

/** What challenging an item of a lot takes now, by the chain. Amounts are base units of the asset. */
export interface ChallengeTerms {
  /** Is lost to who challenges what was computed as agreed. */
  bond: bigint;
  /** For the challenge, so that it takes no larger bond: this one, and what this side has in bonds for the job already. */
  maxBonds: bigint;
  /** Why no item of the lot can be challenged now: what `cases.challenge` would throw. Undefined if one can. */
  obstacle: MillraceError | undefined;
}

/**
 * Reads what `cases.challenge` would take and whether it would be heard, from the chain.
 *
 * @throws MillraceError `no-account`, `unknown-batch`, `other-network`, `unknown-lot`, `chain-unreachable` (retryable)
 */
export async function challengeTerms(
  core: Core,
  options: { batchId: string; lotId: Hex },
): Promise<ChallengeTerms> {
  const { bond, atStake, obstacle } = await readDispute(requireAccount(core), options);
  return { bond, maxBonds: atStake + bond, obstacle };
}
