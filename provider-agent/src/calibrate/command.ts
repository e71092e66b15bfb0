import { access } from "node:fs/promises";
import { join } from "node:path";
import { resolveModel } from "@millrace/engine";
import { calibrate, evaluate } from "@millrace/engine/calibration";
import { classHashOf } from "@millrace/protocol";
import { AgentError } from "../errors.ts";
import { classPathOf } from "../modelSpec.ts";
import { calibrationPaths, writeCalibration } from "./writeCalibration.ts";

export interface CalibrateCommandOptions {
  /** Path of a GGUF file, or a URI that {@link resolveModel} knows. */
  model: string;
  /** Where the class is written. Default: beside the model. */
  out?: string | undefined;
  /** Where models of URIs are kept. */
  folder: string;
  /** Honest items under each setting. */
  items?: number | undefined;
  /** Writes over a class that is there. */
  replace: boolean;
  print(line: string): void;
  /** What happens at the moment. */
  onStep(step: string): void;
  signal: AbortSignal;
}

/**
 * `millrace-provider calibrate`: measures a model on this machine and writes its class, a report and a plot.
 *
 * @throws AgentError `class-exists`; or what `calibrate` throws
 */
export async function calibrateCommand(options: CalibrateCommandOptions): Promise<void> {
  const { items, print, onStep, signal } = options;
  const modelPath = await resolveModel(options.model, { folder: join(options.folder, "models"), signal });
  const paths = calibrationPaths(options.out ?? classPathOf(modelPath));
  if (!options.replace) await refuseExisting(paths.modelClass);
  const calibration = await calibrate({
    modelPath,
    ...(items !== undefined && { items, cheatItems: 2 * items }),
    onStep,
    signal,
  });
  await writeCalibration(calibration, paths);
  const { modelClass, heldOut, runs } = calibration;
  const { long, short, pooled } = evaluate(heldOut, modelClass.tolerance);
  const worst = Math.max(long.worstRatio, short.worstRatio, pooled.worstRatio);
  print(`class     ${paths.modelClass}`);
  print(`hash      ${classHashOf(modelClass)}`);
  print(`report    ${paths.report}`);
  print(`settings  ${runs.length}`);
  print(
    `held out  ${heldOut.length} outputs, ${long.faults + short.faults} false faults, worst R ${worst.toFixed(2)}`,
  );
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new AgentError("The model has a class already.", {
    code: "class-exists",
    details: path,
    hints: ["Another class makes another model of it: name it with --out, or give --replace."],
  });
}
