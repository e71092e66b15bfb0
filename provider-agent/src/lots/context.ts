import type { Engine } from "@millrace/engine";
import type { Delivery, ModelSpec, Settlement, Tolerance } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Hex, LocalAccount } from "viem";
import type { Batcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import type { CourtReader } from "../court/courtReader.ts";
import type { ItemPool } from "../infer/itemPool.ts";
import type { Secrets } from "../keys/secrets.ts";

/** What the stages of a lot work with. */
export interface StageContext {
  readonly chain: Chain;
  readonly court: CourtReader;
  /** Signs for the provider: its own key, or that of an operator. */
  readonly account: LocalAccount;
  readonly engine: Engine;
  /** The published spec of the engine's model. */
  readonly spec: ModelSpec;
  readonly modelId: Hex;
  /** Of the model's class; undefined: nobody can judge its outputs. */
  readonly tolerance: Tolerance | undefined;
  readonly itemPool: ItemPool;
  readonly secrets: Secrets;
  readonly transactions: Transactions;
  readonly submitter: Batcher<Delivery>;
  readonly settler: Batcher<Settlement>;
  readonly logger: Logger;
  /** Aborts when the agent closes. */
  readonly signal: AbortSignal;
  onItem(result: { failed: boolean; promptTokens: number; outputTokens: number }): void;
}
