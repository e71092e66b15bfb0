import { readFileSync } from "node:fs";
import { z } from "zod";
import { idOf, type Mutant } from "./mutants.ts";
import type { Operator } from "./operators.ts";
import type { Verdict } from "./trial.ts";

export const SCORE_LIMIT = 0.95;

const survivorSchema = z.object({
  contract: z.string(),
  function: z.string(),
  operator: z.string().transform((name) => name as Operator),
  original: z.string(),
  replacement: z.string(),
  ordinal: z.number(),
  /** No input tells it from the original; others cost too much to tell apart, and count against the score. */
  equivalent: z.boolean(),
  reason: z.string().min(20),
});

/** A survivor that somebody has looked at, with the reason why it may live. */
export type Survivor = z.output<typeof survivorSchema>;

export function readSurvivors(): Map<string, Survivor> {
  const text = readFileSync(new URL("survivors.json", import.meta.url), "utf8");
  const survivors = z.array(survivorSchema).parse(JSON.parse(text));
  return new Map(survivors.map((survivor) => [idOf(survivor), survivor]));
}

export interface Row {
  readonly contract: string;
  readonly operator: string;
  mutants: number;
  killed: number;
  survived: number;
  stillborn: number;
  equivalent: number;
}

/** Of those that compile and differ, the share that died. */
export const scoreOf = ({ killed, survived }: Row) =>
  killed + survived === 0 ? 1 : killed / (killed + survived);

/** A row for each operator, and one for all of them. */
export function tally(
  contract: string,
  verdicts: readonly (readonly [Mutant, Verdict])[],
  survivors: ReadonlyMap<string, Survivor>,
): Row[] {
  const empty = (operator: string): Row => {
    return { contract, operator, mutants: 0, killed: 0, survived: 0, stillborn: 0, equivalent: 0 };
  };
  const rows = new Map<string, Row>();
  const all = empty("all");
  for (const [mutant, { outcome }] of verdicts) {
    const row = rows.get(mutant.operator) ?? empty(mutant.operator);
    rows.set(mutant.operator, row);
    const isEquivalent = outcome === "survived" && survivors.get(mutant.id)?.equivalent;
    for (const counted of [row, all]) {
      counted.mutants++;
      counted[isEquivalent ? "equivalent" : outcome]++;
    }
  }
  return [...[...rows.values()].sort((a, b) => a.operator.localeCompare(b.operator)), all];
}

const COUNTS = ["mutants", "killed", "survived", "stillborn", "equivalent"] as const;

export function formatTable(rows: readonly Row[]): string {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index < 2 ? String(cell).padEnd(20) : String(cell).padStart(11))).join("");
  return [
    line(["contract", "operator", ...COUNTS, "score"]),
    ...rows.map((row) =>
      line([
        row.contract,
        row.operator,
        ...COUNTS.map((count) => row[count]),
        `${(100 * scoreOf(row)).toFixed(1)} %`,
      ]),
    ),
  ].join("\n");
}

export function formatMutant(mutant: Mutant): string {
  const { id, file, line, operator, original, replacement } = mutant;
  return `${id}  ${file}:${line}  ${mutant.function}  ${operator}\n  - ${original}\n  + ${replacement}`;
}
