import type { Artifact } from "@nomicfoundation/edr";
import { CompileError, compileForTests, creationCodeOf, type Override } from "./compile.ts";
import { kinds, requireTests, runTests } from "./runTests.ts";
import { accountOf, addressOf, substitute } from "./substitute.ts";

export interface Trial {
  /** Absent: the original. */
  readonly override?: Override;
  /** Test files, compiled and run a group at a time: what the first kills need not meet the others. */
  readonly groups: readonly (readonly string[])[];
  /** Files of the contracts whose code tells whether the mutant is equal to the original. */
  readonly code: readonly string[];
  /** `file:Name` of the contracts that the override changes, if tests know its code by these alone. */
  readonly deployed?: readonly string[] | undefined;
}

export type Verdict =
  | { readonly outcome: "killed"; readonly by: string; readonly test: string }
  | { readonly outcome: "stillborn" | "equivalent" | "survived" };

/** Runs the tests on the mutant, or on the original. Calls `onStep` with the file that it starts on, now and then. */
export async function attempt(trial: Trial, onStep: (file: string) => void = () => {}): Promise<Verdict> {
  const { override } = trial;
  try {
    for await (const failure of trial.deployed
      ? failuresOfDeployed(trial, onStep)
      : failures(trial, onStep)) {
      return { outcome: "killed", ...failure };
    }
  } catch (error) {
    if (error instanceof CompileError && override) return { outcome: "stillborn" };
    throw error;
  }
  if (!override) return { outcome: "survived" };
  original ??= codeOf(trial);
  return { outcome: codeOf(trial, override) === original ? "equivalent" : "survived" };
}

function codeOf({ code }: Trial, override?: Override): string {
  const codes = [...creationCodeOf(code, { optimized: true, override })];
  // Else all mutants would be equal.
  if (codes.every(([, bytes]) => bytes === "0x")) throw new Error(`${code.join()} has no code.`);
  return JSON.stringify(codes);
}

/** Code of the original, which is the same in all trials of a process. */
let original: string | undefined;

interface Failure {
  readonly by: string;
  readonly test: string;
}

/** Compiles tests and all, a group at a time. */
async function* failures(
  { groups, override }: Trial,
  onStep: (file: string) => void,
): AsyncGenerator<Failure> {
  for (const group of groups) {
    onStep(group[0]!);
    yield* run(group, compileForTests(group, override), [], onStep);
  }
}

/** Compiles what is deployed, and has tests compiled before deploy that. */
async function* failuresOfDeployed(
  { groups, override, deployed = [] }: Trial,
  onStep: (file: string) => void,
): AsyncGenerator<Failure> {
  const tests = groups.flat();
  onStep(tests[0]!);
  const files = [...new Set(deployed.map((name) => name.split(":")[0]!))];
  const codes = creationCodeOf(files, { optimized: false, override });
  const key = JSON.stringify([[...tests].sort(), deployed]);
  if (prepared?.key !== key) {
    const originals = creationCodeOf(files, { optimized: false });
    const substitutions = deployed.map((name, index) => {
      return { original: originals.get(name)!, address: addressOf(index) };
    });
    prepared = { key, artifacts: substitute(compileForTests(tests), substitutions) };
  }
  const accounts = deployed.map((name, index) => accountOf(addressOf(index), codes.get(name)!));
  yield* run(tests, prepared.artifacts, accounts, onStep);
}

/** The tests as compiled for the last mutant, which most often serve the next. */
let prepared: { readonly key: string; readonly artifacts: Artifact[] } | undefined;

async function* run(
  files: readonly string[],
  artifacts: Artifact[],
  accounts: Parameters<typeof runTests>[3],
  onStep: (file: string) => void,
): AsyncGenerator<Failure> {
  for (const file of files) requireTests(file, artifacts);
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    for (const by of files) {
      onStep(by);
      const test = await runTests(by, kind, artifacts, accounts);
      if (test) yield { by, test };
    }
  }
}
