import type { Engine } from "@millrace/engine";
import type { ModelClass, Tolerance } from "@millrace/protocol";
import { AgentError } from "../errors.ts";

/**
 * The tolerance by which a machine judges, if it can.
 *
 * @throws AgentError `no-tolerance`
 */
export async function requireCalibrated(_engine: Engine, { tolerance }: ModelClass): Promise<Tolerance> {
  if (tolerance) return tolerance;
  throw new AgentError("The model is not calibrated, so its outputs cannot be judged.", {
    code: "no-tolerance",
    hints: ["`millrace-provider calibrate` measures how far honest machines differ."],
  });
}
