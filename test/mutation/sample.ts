import { createHash } from "node:crypto";
import type { Mutant } from "./mutants.ts";

/**
 * `size` of the mutants, or all if there are not so many, by systematic sampling: in a list ordered by operator and
 * function, at even distances, so that each of these strata is represented in proportion. Within one, `seed` decides.
 */
export function sampleOf(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  if (mutants.length <= size) return [...mutants];
  const draw = (id: string) => createHash("sha256").update(`${seed} ${id}`).digest("hex");
  const ordered = mutants
    .map((mutant) => ({ mutant, stratum: `${mutant.operator} ${mutant.function} ${draw(mutant.id)}` }))
    .sort((a, b) => (a.stratum < b.stratum ? -1 : 1));
  const distance = mutants.length / size;
  return Array.from({ length: size }, (_, index) => ordered[Math.floor((index + 0.5) * distance)]!.mutant);
}
