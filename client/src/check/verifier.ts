import type { ClaimedItem } from "@millrace/engine";
import type { ItemScore, ModelClass, StopReason } from "@millrace/protocol";
import type { Hex } from "viem";

/** Computes items again, with the model at hand or somebody else's. */
export interface Verifier {
  /** How what it finds is called: by whom it was computed. */
  readonly trust: "checked" | "checked by another provider";
  /** Whether it can score items of this model; sha256 of the weights. */
  has(weightsHash: Hex): boolean;
  /**
   * Makes sure that the class's tolerance fits this verifier: a tolerance that is too narrow here would call honest
   * providers cheats, one that is too wide would let cheats pass.
   *
   * @throws MillraceError `calibration-fails-here`
   */
  calibrate(modelClass: ModelClass): Promise<void>;
  /** @throws MillraceError `aborted`, or what its engine throws */
  score(item: ClaimedItem, options: { signal: AbortSignal }): Promise<ItemScore>;
  /**
   * The text that an output stands for, so that the text beside its tokens, to which no provider is bound, need not be
   * trusted. Absent where the model is not at hand.
   */
  textOf?(request: unknown, tokenIds: readonly number[], stopReason: StopReason): string;
}
