import type { Page } from "@millrace/protocol";

/**
 * A page of a list.
 *
 * @param rows up to one more than `limit`, from which it follows that there are more
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { view, cursor }: { view: (row: Row) => Item; cursor: (row: Row) => string | number },
): Page<Item> {
  const last = rows[limit - 1];
  const hasMore = last !== undefined && rows.length > limit;
  return { items: rows.slice(0, limit).map(view), ...(hasMore && { next: String(cursor(last)) }) };
}
