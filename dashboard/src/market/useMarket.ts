import type { IndexerClient, Millrace } from "@millrace/client";
import type { Network } from "@millrace/protocol";
import { createContext, useContext } from "react";
import type { Address } from "viem";

/** What a page works with. */
export interface Market {
  network: Network;
  /** Undefined where the network names none. */
  indexer: IndexerClient | undefined;
  /** Whether the indexer turned out to be of another market: then nothing that it says is shown. */
  isForeignIndexer: boolean;
  /** Reads the chain, and signs as {@link signer}. */
  millrace: Millrace;
  /** The connected account; undefined while there is none, its wallet is on another chain or has not answered yet. */
  signer: Address | undefined;
}

export const MarketContext = createContext<Market | undefined>(undefined);

/** The market that the dashboard shows. */
export function useMarket(): Market {
  const market = useContext(MarketContext);
  if (!market) throw new Error("useMarket outside of MarketProvider");
  return market;
}
