import type { Millrace } from "@millrace/client";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { LIVE_KEY } from "./live.ts";
import { useMarket } from "./useMarket.ts";

/**
 * Asks the chain itself, and again with every block: for what money hangs on.
 *
 * @param key what is asked, with all that it depends on
 * @param enabled Default: true.
 * @example
 * const balance = useChain(["balance", address], (millrace) => millrace.account.balance({ address }));
 */
export function useChain<T>(
  key: readonly unknown[],
  fetcher: (millrace: Millrace) => Promise<T>,
  { enabled = true }: { enabled?: boolean } = {},
): UseQueryResult<T> {
  const { millrace } = useMarket();
  return useQuery({
    queryKey: [LIVE_KEY, "chain", ...key],
    queryFn: () => fetcher(millrace),
    enabled,
  });
}
