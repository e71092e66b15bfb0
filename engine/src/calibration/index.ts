export { type CalibrateOptions, type Calibration, calibrate } from "./calibrate.ts";
export {
  type CheatKind,
  canCheat,
  cheatClaim,
  cheatDescriptions,
  cheatItems,
  cheatKinds,
  cheatRequest,
  otherWeights,
} from "./cheats.ts";
export { type ClassCheck, checkClass } from "./checkClass.ts";
export { type Claim, claimedItemOf, claimOf } from "./claims.ts";
export { gpuNames } from "./device.ts";
export {
  type Evaluation,
  evaluate,
  upperBound,
  type Verdicts,
  withoutFingerprints,
} from "./evaluate.ts";
export { alone, fitTolerance, isLong, type JudgedSet, POOLED_ITEMS, pooled } from "./fitTolerance.ts";
export {
  type CalibrationItem,
  calibrationItems,
  calibrationTemperatures,
  type PromptKind,
  promptKinds,
} from "./items.ts";
export { type HonestRun, runCheat, runHonest, type ScoredItem, scoreClaims } from "./runs.ts";
export { calibrationSettings, referenceSetting, type Setting } from "./settings.ts";
export { openWorkbench, type Workbench } from "./workbench.ts";
