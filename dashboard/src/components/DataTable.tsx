import { Table } from "@mantine/core";
import type { ReactNode } from "react";

export interface Column<Row> {
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers are read at the right. Default: false. */
  isNumber?: boolean;
}

/**
 * Rows under headings. Narrow screens scroll it sideways within itself.
 *
 * @param caption what it lists, for those who hear it
 * @param minWidth below which it scrolls, in pixels. Default: 110 a column.
 */
export function DataTable<Row>({
  caption,
  rows,
  columns,
  rowKey,
  minWidth = columns.length * 110,
  maxHeight,
  isCurrent = () => false,
}: {
  caption: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  minWidth?: number;
  /** In pixels, above which it scrolls downwards under its headings. Default: none. */
  maxHeight?: number;
  /** Whether to mark a row. Default: none. */
  isCurrent?: (row: Row) => boolean;
}) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      type="native"
      {...(maxHeight && { maxHeight })}
      // Whatever scrolls must be reachable by keyboard.
      tabIndex={0}
      role="region"
      aria-label={caption}
    >
      <Table
        aria-label={caption}
        stickyHeader={maxHeight !== undefined}
        horizontalSpacing="md"
        verticalSpacing={7}
        fz="sm"
        borderColor="var(--millrace-line)"
        highlightOnHover
      >
        <Table.Thead bg="var(--millrace-panel)">
          <Table.Tr>
            {columns.map(({ header, isNumber }, index) => (
              <Table.Th
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name, and stay where they are
                key={index}
                ta={isNumber ? "right" : "left"}
                c="dimmed"
                fw={500}
                fz="xs"
                scope="col"
                style={{ whiteSpace: "nowrap" }}
              >
                {header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} {...(isCurrent(row) && { bg: "var(--mantine-color-race-light)" })}>
              {columns.map(({ cell, isNumber }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <Table.Td key={index} ta={isNumber ? "right" : "left"}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
