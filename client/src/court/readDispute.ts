import { AUDIT_ATTEMPTS, MillraceError } from "@millrace/protocol";
import type { Hex } from "viem";
import type { LotView } from "../batches/jobView.ts";
import { wrongStatus } from "../batches/lotsByHand.ts";
import { lotsOf, type OpenedJob, readJob } from "../batches/readJob.ts";
import { type BatchRecord, type JobRecord, readRecord } from "../batches/record.ts";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { SigningCore } from "../core/core.ts";
import { bondsOf, heardCases } from "./bonds.ts";
import { type Hearing, readHearing } from "./readHearing.ts";

/** A lot that may be disputed, and what that takes. Amounts are base units of the asset. */
export interface Dispute extends Omit<Hearing, "obstacle"> {
  record: BatchRecord;
  job: JobRecord;
  opened: OpenedJob;
  view: LotView;
  /** What this side has in bonds for the job already. */
  atStake: bigint;
  /** Why no item of the lot can be challenged now; undefined if one can. */
  obstacle: MillraceError | undefined;
}

/**
 * Reads from the chain what challenging an item of a batch's lot takes now.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `unknown-lot`, `chain-unreachable` (retryable)
 */
export async function readDispute(
  core: SigningCore,
  { batchId, lotId, maxBonds }: { batchId: string; lotId: Hex; maxBonds?: bigint | undefined },
): Promise<Dispute> {
  const record = await readRecord(core, batchId);
  const { job, opened, view } = await findLot(core, record, lotId);
  const atStake = bondsOf(opened.lots.values());
  const challenges = heardCases(view).length;
  const [now, hearing] = await Promise.all([
    withChainErrors(() => chainTime(core)),
    readHearing(core, { job: opened.job, lot: view.lot, challenges, atStake, maxBonds }),
  ]);
  return { record, job, opened, view, atStake, bond: hearing.bond, obstacle: obstacleTo(view, now, hearing) };
}

async function findLot(core: SigningCore, record: BatchRecord, lotId: Hex) {
  for (const job of record.jobs) {
    const opened = await readJob(core, job);
    if (opened.lots.has(lotId.toLowerCase() as Hex))
      return { job, opened, view: lotsOf(opened, [lotId])[0]! };
  }
  throw new MillraceError(`The batch has no lot ${lotId}.`, { code: "unknown-lot" });
}

function obstacleTo(view: LotView, now: number, { obstacle }: Hearing): MillraceError | undefined {
  const { status, windowEnd = 0, lot } = view;
  if (status !== "submitted") return wrongStatus(view);
  if (now > windowEnd) return new MillraceError("The lot's window is over.", { code: "too-late" });
  if (lot.attempt >= AUDIT_ATTEMPTS) return impossible(`its items were assigned ${lot.attempt} times before`);
  return obstacle === undefined ? undefined : impossible(obstacle);
}

function impossible(reason: string): MillraceError {
  return new MillraceError("The item cannot be challenged.", {
    code: "challenge-impossible",
    details: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
  });
}
