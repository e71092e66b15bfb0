import type { BatchState } from "@millrace/client";
import type { BatchRun } from "../../batches/batchRuns.ts";

/** Who drives an unfinished batch, in a word. */
export function standingOf(
  { status, isRunning }: Pick<BatchState, "status" | "isRunning">,
  run: BatchRun | undefined,
): string {
  if (isElsewhere({ isRunning }, run)) return "open in another tab";
  if (run && run.state !== "elsewhere") return run.state;
  return status === "not-opened" ? "not opened" : "not running here";
}

/** Whether another tab drives a batch. What this one has just begun or ended, a reading of before does not know of. */
export const isElsewhere = (
  { isRunning }: Pick<BatchState, "isRunning">,
  run: BatchRun | undefined,
): boolean => isRunning === true && (run === undefined || run.state === "elsewhere");
