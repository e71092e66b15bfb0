/** The page that tells what the simulation shows; its plots lie beside it. */
export const economicsPage = new URL("../../docs/economics.md", import.meta.url);

/** A table as rows of cells, its head first. */
export type Table = readonly (readonly string[])[];

/** For a page: all columns but the first to the right. */
export function markdownOf([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return `${[head, rule, ...rows].map(line).join("\n")}\n`;
}

/** For people at a terminal. */
export function textOf(table: Table): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join("  ");
  return table.map(line).join("\n");
}

/** The table that stands in a page under a name, between its marks. */
export function tableIn(page: string, name: string): string {
  const { start, end } = placeOf(page, name);
  return page.slice(start, end);
}

/** The page with another table between its marks. */
export function withTable(page: string, name: string, table: string): string {
  const { start, end } = placeOf(page, name);
  return page.slice(0, start) + table + page.slice(end);
}

function placeOf(page: string, name: string): { start: number; end: number } {
  const mark = `<!-- court: ${name} -->\n`;
  const start = page.indexOf(mark) + mark.length;
  const end = page.indexOf("<!-- /court -->", start);
  if (start < mark.length || end < 0) throw new Error(`The page has no place for ${name}.`);
  return { start, end };
}
