import type { Engine } from "@millrace/engine";
import type { Submission } from "@millrace/protocol";
import type { Logger } from "pino";
import type { LocalAccount } from "viem";
import type { Batcher } from "../chain/batcher.ts";
import type { Chain } from "../chain/chain.ts";
import type { Transactions } from "../chain/transactions.ts";
import type { ItemPool } from "../infer/itemPool.ts";
import type { Secrets } from "../keys/secrets.ts";
import type { OwnLot } from "./lotBook.ts";

/** What the stages of a lot work with. */
export interface StageContext {
  readonly chain: Chain;
  readonly account: LocalAccount;
  readonly engine: Engine;
  readonly itemPool: ItemPool;
  readonly secrets: Secrets;
  readonly transactions: Transactions;
  readonly submitter: Batcher<{ own: OwnLot; submission: Submission }>;
  readonly settler: Batcher<OwnLot>;
  readonly logger: Logger;
  /** Aborts when the agent closes. */
  readonly signal: AbortSignal;
  onItem(result: { failed: boolean; promptTokens: number; outputTokens: number }): void;
}
