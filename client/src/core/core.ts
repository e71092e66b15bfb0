import { MillraceError, type Network } from "@millrace/protocol";
import type { Chain, Hex, LocalAccount, PublicClient, Transport } from "viem";
import type { StateStore } from "../state/stateStore.ts";
import type { Clock } from "./clock.ts";
import type { Sender } from "./sender.ts";

/** What every action works with; made by `createMillrace`. Each action takes it first, then one options object. */
export interface Core {
  network: Network;
  publicClient: PublicClient<Transport, Chain>;
  /** Who pays and signs. Absent: only reading is possible. */
  account: LocalAccount | undefined;
  sender: Sender | undefined;
  /** URLs, tried in order. */
  relays: readonly string[];
  state: StateStore;
  clock: Clock;
  /** A fresh 32-byte secret. */
  random: () => Hex;
  /** How often the chain is asked for news. */
  pollingIntervalMs: number;
}

/** A core that can pay and sign. */
export interface SigningCore extends Core {
  account: LocalAccount;
  sender: Sender;
}

/**
 * Narrows a core to one with an account.
 *
 * @throws MillraceError `no-account`
 */
export function requireAccount(core: Core): SigningCore {
  if (core.account && core.sender) return core as SigningCore;
  throw new MillraceError("This needs an account, and none was given.", {
    code: "no-account",
    hints: ["Set MILLRACE_PRIVATE_KEY or MILLRACE_KEY_FILE."],
  });
}
