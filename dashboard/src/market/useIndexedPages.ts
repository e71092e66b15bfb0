import type { IndexerClient } from "@millrace/client";
import type { Page } from "@millrace/protocol";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { isRefused } from "./isRefused.ts";
import { LIVE_KEY } from "./live.ts";
import { useIndexer } from "./useIndexer.ts";

/**
 * Asks the indexer for a list that comes in pages; as many as were asked for are read again with every block.
 *
 * @param key what is asked, with all that it depends on
 * @param fetcher is given the cursor of the page before, undefined for the first
 */
export function useIndexedPages<T>(
  key: readonly unknown[],
  fetcher: (indexer: IndexerClient, after: string | undefined) => Promise<Page<T>>,
) {
  const indexer = useIndexer();
  const query = useInfiniteQuery({
    queryKey: [LIVE_KEY, "indexer", "pages", ...key],
    queryFn: ({ pageParam }) => fetcher(indexer(), pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    enabled: (query) => !isRefused(query.state.error),
  });
  return {
    /** Undefined until the first page is there. */
    items: query.data?.pages.flatMap(({ items }) => items),
    /** They answer what was asked before: the key has changed, and its first page is not there yet. */
    isOutdated: query.isPlaceholderData,
    error: query.error,
    retry: query.refetch,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
  };
}
