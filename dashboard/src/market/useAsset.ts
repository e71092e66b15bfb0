import { useQuery } from "@tanstack/react-query";
import { erc20Abi } from "viem";
import { usePublicClient } from "wagmi";
import { useMarket } from "./useMarket.ts";

/** A token's unit. */
export interface Unit {
  symbol: string;
  decimals: number;
}

export const MILL: Unit = { symbol: "MILL", decimals: 18 };

/** The unit of the market's asset, as its token says. Until that is read: six decimals, as all of ours have, without a name. */
export function useAsset(): Unit {
  const { network } = useMarket();
  const client = usePublicClient();
  const { data } = useQuery({
    queryKey: ["asset", network.asset],
    staleTime: Infinity,
    queryFn: async (): Promise<Unit> => {
      const asset = { address: network.asset, abi: erc20Abi } as const;
      const [symbol, decimals] = await Promise.all([
        client!.readContract({ ...asset, functionName: "symbol" }),
        client!.readContract({ ...asset, functionName: "decimals" }),
      ]);
      return { symbol, decimals };
    },
    enabled: client !== undefined,
  });
  return data ?? { symbol: "", decimals: 6 };
}
