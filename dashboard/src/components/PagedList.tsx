import { Box, Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { useIndexedPages } from "../market/useIndexedPages.ts";
import { Failure } from "./Failure.tsx";
import { Loading } from "./Loading.tsx";

/**
 * What {@link useIndexedPages} has read so far, and a button for more of it.
 *
 * @param empty what to say where the list is empty
 */
export function PagedList<T>({
  list,
  empty,
  children,
}: {
  list: ReturnType<typeof useIndexedPages<T>>;
  empty: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}) {
  const { items, isOutdated, error, retry, hasMore, isLoadingMore, loadMore } = list;
  if (error && (!items || isOutdated)) return <Failure error={error} onRetry={retry} />;
  if (!items) return <Loading />;
  if (items.length === 0 && !isOutdated) return empty;
  return (
    <Box opacity={isOutdated ? 0.5 : 1} aria-busy={isOutdated}>
      {children(items)}
      {hasMore && !isOutdated && (
        <Group justify="center" p="md">
          <Button variant="default" loading={isLoadingMore} onClick={loadMore}>
            Show more
          </Button>
        </Group>
      )}
    </Box>
  );
}
