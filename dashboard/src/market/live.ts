import type { IndexerClient } from "@millrace/client";
import type { LiveBlock, Network } from "@millrace/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";
import { isAddressEqual } from "viem";

/** The first part of the keys of queries that a new block makes stale. */
export const LIVE_KEY = "live";

/** On fast chains, the pages ask again at most this often. */
const REFRESH_MS = 1_000;
/** How often the pages ask, and look whether the indexer is there, while it tells of no block. */
const QUIET_MS = 8_000;

export interface Live {
  /** The indexer's latest block. */
  block: LiveBlock | undefined;
  /**
   * `lost`: the indexer does not answer, for now; `foreign`: it is of another market; `none`: the network has none.
   */
  state: "connecting" | "connected" | "lost" | "foreign" | "none";
}

export const LiveContext = createContext<Live>({ block: undefined, state: "none" });

/** The indexer's latest block, and whether it tells of new ones. */
export const useLive = (): Live => useContext(LiveContext);

/** Follows the indexer's blocks, and has each of them refresh what the pages show. */
export function useLiveBlocks(
  indexer: IndexerClient | undefined,
  { chainId, market }: Pick<Network, "chainId" | "market">,
): Live {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>({ block: undefined, state: indexer ? "connecting" : "none" });

  useEffect(() => {
    if (indexer) setLive({ block: undefined, state: "connecting" });
    const stop = new AbortController();
    const { signal } = stop;
    let lastMs = Date.now();
    let due: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      lastMs = Date.now();
      // What is still being asked goes on: where answers take longer than blocks, none would ever come otherwise.
      void queries.invalidateQueries({ queryKey: [LIVE_KEY] }, { cancelRefetch: false });
    };
    const lose = () => {
      if (!signal.aborted) setLive(({ block }) => ({ block, state: "lost" }));
    };
    const onBlock = (block: LiveBlock) => {
      if (signal.aborted) return;
      setLive(({ state }) =>
        state === "foreign" ? { block: undefined, state } : { block, state: "connected" },
      );
      // At once for the first block after a while, and for the last of a burst.
      clearTimeout(due);
      due = setTimeout(refresh, Math.max(0, lastMs + REFRESH_MS - Date.now()));
    };
    // Only an indexer of this market is listened to.
    const look = () =>
      indexer?.status({ signal }).then((status) => {
        if (signal.aborted) return;
        if (status.chainId === chainId && isAddressEqual(status.market, market)) onBlock(status);
        else setLive({ block: undefined, state: "foreign" });
      }, lose);
    const ifQuiet = setInterval(() => {
      if (Date.now() - lastMs < QUIET_MS) return;
      refresh();
      void look();
    }, QUIET_MS);
    void look();
    // It connects again by itself.
    indexer?.live(onBlock, signal).catch(lose);
    return () => {
      stop.abort();
      clearTimeout(due);
      clearInterval(ifQuiet);
    };
  }, [indexer, chainId, market, queries]);
  return live;
}
