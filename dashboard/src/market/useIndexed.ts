import type { IndexerClient } from "@millrace/client";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { isRefused } from "./isRefused.ts";
import { LIVE_KEY } from "./live.ts";
import { useIndexer } from "./useIndexer.ts";

/**
 * Asks the indexer, and again with every block, unless it says that there is nothing to be asked like that.
 *
 * @param key what is asked, with all that it depends on
 * @param enabled Default: true.
 * @param keepsPrevious whether the answer to another key may stand there meanwhile, as of an estimate whose input moved.
 * Default: false.
 * @example
 * const totals = useIndexed(["totals"], (indexer) => indexer.totals());
 */
export function useIndexed<T>(
  key: readonly unknown[],
  fetcher: (indexer: IndexerClient) => Promise<T>,
  { enabled = true, keepsPrevious = false }: { enabled?: boolean; keepsPrevious?: boolean } = {},
): UseQueryResult<T> {
  const indexer = useIndexer();
  return useQuery({
    queryKey: [LIVE_KEY, "indexer", ...key],
    queryFn: () => fetcher(indexer()),
    ...(keepsPrevious && { placeholderData: keepPreviousData }),
    enabled: (query) => enabled && !isRefused(query.state.error),
  });
}
