import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Calibration } from "@millrace/engine/calibration";
import { encodeModelClass } from "@millrace/protocol";
import { plotOf } from "./plot.ts";
import { reportOf } from "./report.ts";

/** Where a calibration is written. */
export interface CalibrationPaths {
  /** What agents publish and everybody judges by. */
  modelClass: string;
  report: string;
  plot: string;
}

/** Report and plot lie beside the class, which is called `NAME.class.json`. */
export function calibrationPaths(classPath: string): CalibrationPaths {
  const stem = classPath.replace(/(\.class)?\.json$/, "");
  return { modelClass: classPath, report: `${stem}.calibration.md`, plot: `${stem}.calibration.svg` };
}

/** Writes the class of a calibrated model, and what it rests on. The class last: who sees it sees the rest. */
export async function writeCalibration(calibration: Calibration, paths: CalibrationPaths): Promise<void> {
  await writeFile(paths.plot, plotOf(calibration));
  await writeFile(paths.report, reportOf(calibration, { plot: basename(paths.plot) }));
  await writeFile(paths.modelClass, encodeModelClass(calibration.modelClass));
}
