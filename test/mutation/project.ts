import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { compiler } from "../../hardhat.config.ts";
import { parse, readSource, root } from "./compile.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { declarationsOf } from "./operators.ts";
import { campaign } from "./runTests.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Target } from "./targets.ts";

/** A target with its files found and read. */
export interface Project {
  readonly name: string;
  readonly sources: readonly string[];
  /** Files of the contracts whose code tells which mutants are equal. */
  readonly code: readonly string[];
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
  /** By source file, `file:Name` of the contracts that its code goes into, if tests hold it in no other way. */
  readonly deployed: ReadonlyMap<string, readonly string[]>;
  /** Hash of all that a run of these files depends on: their content, that of all they import, and the settings. */
  fingerprintOf(files: readonly string[]): string;
}

export function openProject(target: Target): Project {
  const find = (patterns: readonly string[]) => [
    ...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort())),
  ];
  const [sources, tests] = [find(target.sources), find(target.tests)];
  const code = target.code ? find(target.code) : sources;
  if (sources.length === 0 || tests.length === 0)
    throw new Error(`${target.name} has no sources or no tests.`);

  const units = parse([...sources, ...code, ...tests]);
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
    code,
    tests,
    mutants: sources.flatMap((file) => mutantsOf(file, units.get(file)!, readSource(file), declarations)),
    deployed: deployedOf(sources, code, units),
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

/** Libraries go into whatever calls them, tests too; and so do the bases of a test's own contracts. */
function deployedOf(
  sources: readonly string[],
  code: readonly string[],
  units: ReadonlyMap<string, SyntaxNode>,
): Map<string, readonly string[]> {
  const contracts = [...units].flatMap(([file, unit]) =>
    (unit.nodes as SyntaxNode[])
      .filter(({ nodeType }) => nodeType === "ContractDefinition")
      .map((node) => ({ file, node, bases: node.linearizedBaseContracts as number[] })),
  );
  const deployed = new Map<string, readonly string[]>();
  for (const source of sources) {
    const own = contracts.filter(({ file }) => file === source);
    const heirs = contracts.filter(({ bases }) => own.some(({ node }) => bases.includes(node.id as number)));
    const isDeployed =
      heirs.every(
        ({ file, node }) =>
          (sources.includes(file) || code.includes(file)) && node.contractKind === "contract",
      ) &&
      (units.get(source)!.nodes as SyntaxNode[]).every(({ nodeType }) => nodeType !== "FunctionDefinition");
    const names = heirs.filter(({ node }) => !node.abstract).map(({ file, node }) => `${file}:${node.name}`);
    if (isDeployed && names.length > 0) deployed.set(source, names);
  }
  return deployed;
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
