import type { Hex } from "viem";
import type { Core } from "../core/core.ts";

/** Two with the same input: one goes on, the other is told so, and nothing is paid twice. */
export const lockInput = ({ state }: Core, inputHash: Hex) => state.lock(`inputs/${inputHash}`);
/** Who has it drives the batch. */
export const lockRun = ({ state }: Core, batchId: string) => state.lock(runKey(batchId));
/** Whether somebody does; undefined where the state cannot tell. */
export const isRunning = async ({ state }: Core, batchId: string) => state.isLocked?.(runKey(batchId));

const runKey = (batchId: string) => `batches/${batchId}/run`;
