import type { CheckPlan } from "./checkLot.ts";
import type { ClassSource } from "./findClass.ts";
import type { Verifier } from "./verifier.ts";

/** How a batch's results are checked, beyond what hashes tell of every item. */
export interface CheckOptions extends CheckPlan {
  /** Who computes items again; of each job the first that has its model. Without one, objective faults alone are found. */
  verifiers: readonly Verifier[];
  /** Texts of models' classes at hand, beside those that the chain tells of. */
  classes?: readonly ClassSource[];
  /** How often a verdict against a challenge is appealed, to juries of 11 and 23. Default: 0. */
  appeals?: 0 | 1 | 2;
  /** The most to have in bonds at any time, base units. Default: what the account has free. */
  maxBonds?: bigint;
}
