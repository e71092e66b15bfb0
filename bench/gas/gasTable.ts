/** The page that shows what each call costs. */
export const gasPage = new URL("../../docs/protocol.md", import.meta.url);

const START = "<!-- gas -->\n";
const END = "<!-- /gas -->";

/** Gas of single calls as a Markdown table. */
export function gasTable(functions: Readonly<Record<string, number>>): string {
  const rows = Object.entries(functions).map(
    ([name, gas]) => `| ${wordsOf(name)} | ${gas.toLocaleString("en")} |`,
  );
  return ["| transaction | gas |", "| --- | ---: |", ...rows, ""].join("\n");
}

/** The table that stands in a page, between its marks. */
export function gasTableIn(page: string): string {
  return page.slice(page.indexOf(START) + START.length, page.indexOf(END));
}

/** The page with another table between its marks. */
export function withGasTable(page: string, table: string): string {
  const start = page.indexOf(START) + START.length;
  return page.slice(0, start) + table + page.slice(page.indexOf(END));
}

/** "openJobWithOneFill" → "open job with one fill" */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
