import type { Network } from "@millrace/protocol";
import { type Chain, defineChain } from "viem";

/** The chain of a market, as wallets are told of it. */
export function chainOf({ chainId, name, rpcUrl }: Network): Chain {
  return defineChain({
    id: chainId,
    name: `Millrace ${name}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}
