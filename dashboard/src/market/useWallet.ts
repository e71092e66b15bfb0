import { localChainIds } from "@millrace/protocol";
import type { Address } from "viem";
import { useConnection } from "wagmi";
import { useMarket } from "./useMarket.ts";
import { isDevelopmentWallet } from "./wallets.ts";

export interface Wallet {
  /** Of the connected account; undefined while there is none. */
  address: Address | undefined;
  name: string | undefined;
  /** Whether its chain is not the market's. */
  isWrongChain: boolean;
  isDevelopment: boolean;
  /** Whether the market is on a chain on which development accounts may be used. */
  isLocalMarket: boolean;
}

/** The connected wallet. */
export function useWallet(): Wallet {
  const { network } = useMarket();
  const { address, connector, chainId } = useConnection();
  return {
    address,
    name: connector?.name,
    isWrongChain: address !== undefined && chainId !== network.chainId,
    isDevelopment: connector !== undefined && isDevelopmentWallet(connector.id),
    isLocalMarket: localChainIds.includes(network.chainId),
  };
}
