import type {
  ClaimedItem,
  ItemScore,
  ModelClass,
  ModelSpec,
  StopReason,
  Tolerance,
} from "@millrace/protocol";
import type { Address, Hex } from "viem";
import type { Prices } from "../market/pricing.ts";

/** What a verifier is told of the lot that an item is of. */
export interface ScoredLot {
  modelId: Hex;
  /** Who computed it. */
  provider: Address;
  /** The most that its buyer pays for tokens of it. */
  limits: Prices;
  /** Of the model's class. */
  tolerance: Tolerance;
  signal: AbortSignal;
}

/** Computes items again, with the model at hand or somebody else's. */
export interface Verifier {
  /** How what it finds is called: by whom it was computed. */
  readonly trust: "checked" | "checked by another provider";
  /** With what probability a wrong item is found that it is asked about. Default: 1. */
  readonly detection?: number;
  /** Whether it can score items of this model: what requests are valid depends on the context, too. */
  has(spec: Pick<ModelSpec, "weightsHash" | "contextTokens">): boolean;
  /**
   * Makes sure that the class's tolerance fits this verifier: a tolerance that is too narrow here would call honest
   * providers cheats, one that is too wide would let cheats pass.
   *
   * @throws MillraceError `calibration-fails-here`
   */
  calibrate(modelClass: ModelClass): Promise<void>;
  /** @throws MillraceError `aborted`, `too-few-verifiers`, or what its engine throws */
  score(item: ClaimedItem, about: ScoredLot): Promise<ItemScore>;
  /**
   * The text that an output stands for, so that the text beside its tokens, to which no provider is bound, need not be
   * trusted. Absent where the model is not at hand.
   */
  textOf?(request: unknown, tokenIds: readonly number[], stopReason: StopReason): string;
}
