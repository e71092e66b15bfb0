import type { Engine } from "@millrace/engine";
import { checkClass } from "@millrace/engine/calibration";
import { classHashOf, type ModelClass, type Tolerance } from "@millrace/protocol";
import type { Hex } from "viem";
import { AgentError } from "./errors.ts";

/** What was tried on this machine already: several jurors may share an engine. */
const checks = new WeakMap<Pick<Engine, "score">, Map<Hex, Promise<unknown>>>();

/**
 * The tolerance by which a machine judges, and is judged, if it agrees with the class that has it.
 *
 * @throws AgentError `no-tolerance`; MillraceError `calibration-fails-here`
 */
export async function requireCalibrated(engine: Engine, modelClass: ModelClass): Promise<Tolerance> {
  const { tolerance } = modelClass;
  if (!tolerance) {
    throw new AgentError("The model is not calibrated, so its outputs cannot be judged.", {
      code: "no-tolerance",
      hints: ["`millrace-provider calibrate` measures how far honest machines differ."],
    });
  }
  const ofEngine = checks.get(engine) ?? new Map<Hex, Promise<unknown>>();
  checks.set(engine, ofEngine);
  const classHash = classHashOf(modelClass);
  const checking = ofEngine.get(classHash) ?? checkClass(engine, modelClass);
  ofEngine.set(classHash, checking);
  await checking;
  return tolerance;
}
