import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { compiler } from "../../hardhat.config.ts";
import { parse, readSource, root } from "./compile.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { declarationsOf } from "./operators.ts";
import { campaign } from "./runTests.ts";
import type { Target } from "./targets.ts";

/** A target with its files found and read. */
export interface Project {
  readonly name: string;
  readonly sources: readonly string[];
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
  /** Hash of all that a run of these files depends on: their content, that of all they import, and the settings. */
  fingerprintOf(files: readonly string[]): string;
}

export function openProject(target: Target): Project {
  const find = (patterns: readonly string[]) => [
    ...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort())),
  ];
  const [sources, tests] = [find(target.sources), find(target.tests)];
  if (sources.length === 0 || tests.length === 0)
    throw new Error(`${target.name} has no sources or no tests.`);

  const units = parse([...sources, ...tests]);
  const declarations = declarationsOf([...units.values()]);
  const imports = new Map(
    [...units].map(([file, unit]) => [
      file,
      (unit.nodes as { absolutePath?: string; nodeType: string }[])
        .filter(({ nodeType }) => nodeType === "ImportDirective")
        .map(({ absolutePath }) => absolutePath!),
    ]),
  );
  return {
    name: target.name,
    sources,
    tests,
    mutants: sources.flatMap((file) => mutantsOf(file, units.get(file)!, readSource(file), declarations)),
    fingerprintOf: (files) => {
      const hash = createHash("sha256").update(
        JSON.stringify([compiler.version, campaign], (_, value: unknown) =>
          typeof value === "bigint" ? String(value) : value,
        ),
      );
      for (const file of closureOf(files, imports)) hash.update(`\n${file}\n${readSource(file)}`);
      return hash.digest("hex").slice(0, 16);
    },
  };
}

function closureOf(files: readonly string[], imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    for (const imported of imports.get(file) ?? []) visit(imported);
  };
  for (const file of files) visit(file);
  return [...found].sort();
}
