import { createIndexerClient, createMillrace } from "@millrace/client";
import { createBrowserState } from "@millrace/client/browser";
import { localChainIds, type Network } from "@millrace/protocol";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useConnection, useWalletClient } from "wagmi";
import { LiveContext, useLiveBlocks } from "./live.ts";
import { MarketContext } from "./useMarket.ts";

/** After so long without an answer the network's next indexer is asked. */
const NEXT_INDEXER_MS = 3_000;

/** Gives the pages beneath it one client of the market, one of its indexer, and the indexer's latest block. */
export function MarketProvider({ network, children }: { network: Network; children: ReactNode }) {
  const { address, chainId } = useConnection();
  const isThere = address !== undefined && chainId === network.chainId;
  const { data: client } = useWalletClient({
    ...(address && { account: address }),
    chainId: network.chainId,
    // One that is waking up answers a little later.
    query: { enabled: isThere, retry: 3 },
  });
  // What the query was asked before must never sign: it keeps that while the wallet is elsewhere, or does not answer.
  const wallet = isThere && client?.account.address === address ? client : undefined;
  const urls = network.indexers ?? [];
  const [turn, setTurn] = useState(0);
  const url = urls[turn % Math.max(1, urls.length)];
  const indexer = useMemo(() => (url === undefined ? undefined : createIndexerClient({ url })), [url]);
  const state = useMemo(() => createBrowserState({ name: stateName(network) }), [network]);
  // One for all, for it sends an account's transactions one after the other.
  const millrace = useMemo(
    () => createMillrace({ network, state, ...(wallet && { account: wallet }) }),
    [network, state, wallet],
  );
  const live = useLiveBlocks(indexer, network);
  const isUseless = live.state === "lost" || live.state === "foreign";
  useEffect(() => {
    if (!isUseless || urls.length < 2) return;
    const timer = setTimeout(() => setTurn(turn + 1), NEXT_INDEXER_MS);
    return () => clearTimeout(timer);
  }, [isUseless, turn, urls.length]);

  const isForeignIndexer = live.state === "foreign";
  const market = useMemo(
    () => ({ network, indexer, isForeignIndexer, millrace, signer: wallet?.account.address }),
    [network, indexer, isForeignIndexer, millrace, wallet],
  );
  return (
    <MarketContext value={market}>
      <LiveContext value={live}>{children}</LiveContext>
    </MarketContext>
  );
}

/** Each market's batches are kept apart; local ones are begun anew, with the same contracts, on other ports. */
function stateName({ chainId, market, rpcUrl }: Network): string {
  const name = `millrace ${chainId} ${market}`;
  return localChainIds.includes(chainId) ? `${name} ${rpcUrl}` : name;
}
