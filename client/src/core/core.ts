import { MillraceError, type Network, refuseDevelopmentKey } from "@millrace/protocol";
import type { Chain, Hex, PublicClient, Transport } from "viem";
import type { IndexerClient } from "../indexer/createIndexerClient.ts";
import type { StateStore } from "../state/stateStore.ts";
import type { Clock } from "./clock.ts";
import type { Sender } from "./sender.ts";
import type { Signer } from "./signer.ts";

/** What every action works with; made by `createMillrace`. Each action takes it first, then one options object. */
export interface Core {
  network: Network;
  publicClient: PublicClient<Transport, Chain>;
  /** Who pays and signs. Absent: only reading is possible. */
  account: Signer | undefined;
  sender: Sender | undefined;
  /** URLs, tried in order. */
  relays: readonly string[];
  /** Asked first for what they tell faster than the chain; all goes on without. */
  indexers: readonly IndexerClient[];
  state: StateStore;
  clock: Clock;
  /** A fresh 32-byte secret. */
  random: () => Hex;
  /** How often the chain is asked for news. */
  pollingIntervalMs: number;
}

/** A core that can pay and sign. */
export interface SigningCore extends Core {
  account: Signer;
  sender: Sender;
}

/**
 * Narrows a core to one with an account.
 *
 * @throws MillraceError `no-account`, `development-key` where the chain is not local and everybody has the account's key
 */
export function requireAccount(core: Core): SigningCore {
  if (core.account && core.sender) {
    refuseDevelopmentKey(core.network.chainId, core.account.address);
    return core as SigningCore;
  }
  throw new MillraceError("This needs an account, and none was given.", {
    code: "no-account",
    hints: ["Connect a wallet, or give a key."],
  });
}
