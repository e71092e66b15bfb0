import { marketAbi, type Network } from "@millrace/protocol";
import { type Address, createPublicClient, http } from "viem";

/** What parties of the Market's ledger have, free and locked together, in base units. */
export type Money<Party extends string> = Record<Party, bigint>;

/** Adds up each party's accounts in the Market's ledger. */
export async function readMoney<Party extends string>(
  network: Network,
  parties: Record<Party, readonly Address[]>,
): Promise<Money<Party>> {
  const reader = createPublicClient({ transport: http(network.rpcUrl), cacheTime: 0 });
  const names = Object.keys(parties) as Party[];
  const sums = await Promise.all(
    names.map(async (name) => {
      const accounts = await Promise.all(
        parties[name].map((address) =>
          reader.readContract({
            abi: marketAbi,
            address: network.market,
            functionName: "accountOf",
            args: [address],
          }),
        ),
      );
      return accounts.reduce((sum, { free, locked }) => sum + free + locked, 0n);
    }),
  );
  return Object.fromEntries(names.map((name, i) => [name, sums[i]])) as Money<Party>;
}
