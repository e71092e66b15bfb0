import { formatAmount } from "@millrace/protocol";
import Table from "cli-table3";

/** Prints a value for machines: one line of JSON, amounts as decimal strings of base units. */
export function printJson(value: unknown): void {
  console.log(
    JSON.stringify(value, (_, inner) => {
      if (typeof inner === "bigint") return inner.toString();
      return inner instanceof Map ? [...inner.values()] : (inner as unknown);
    }),
  );
}

/** Prints a table for people. */
export function printTable(head: string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}

/** Prints pairs of a name and a value. */
export function printPairs(pairs: readonly (readonly [string, string])[]): void {
  const width = Math.max(...pairs.map(([name]) => name.length));
  for (const [name, value] of pairs) console.log(`${name.padEnd(width)}  ${value}`);
}

/** An amount of the asset. */
export const amount = (units: bigint): string => formatAmount(units);

/** The ends of an address or hash, as people compare them. */
export const short = (hex: string): string => `${hex.slice(0, 6)}…${hex.slice(-4)}`;
