import { readFileSync } from "node:fs";
import type { Hex } from "viem";

/** A row of a vector, as the JSON has it: integers beyond 32 bits, and those of extreme rows, are decimal strings. */
export type Row = Record<string, unknown>;

/** One vector: what goes in, and the hash that must come out. */
export interface HashCase {
  input: Row;
  hash: Hex;
}

/** Reads protocol/vectors/NAME.json, which the Solidity tests read too. */
export function readVectors<T>(name: string): T {
  const url = new URL(`../../protocol/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

/** A row with its decimal strings as bigints. The vectors are ours, so their shape is taken at their word. */
export function revive<T>(row: Row): T {
  const fields = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : value,
  ]);
  return Object.fromEntries(fields) as T;
}
