import { CompileError, compileForTests, type Override, optimizedCodeOf } from "./compile.ts";
import { runTests } from "./runTests.ts";

export interface Trial {
  /** Absent: the original. */
  readonly override?: Override;
  /** Test files, compiled and run a group at a time: what the first kills need not meet the others. */
  readonly groups: readonly (readonly string[])[];
  /** The sources of the target. */
  readonly sources: readonly string[];
}

export type Verdict =
  | { readonly outcome: "killed"; readonly by: string; readonly test: string }
  | { readonly outcome: "stillborn" | "equivalent" | "survived" };

/** Code of the original, which is the same in all trials of a process. */
let original: string | undefined;

/** Runs the tests on the mutant, or on the original. Calls `onStep` with the file that it starts on, now and then. */
export async function attempt(
  { override, groups, sources }: Trial,
  onStep: (file: string) => void = () => {},
): Promise<Verdict> {
  try {
    for (const group of groups) {
      onStep(group[0]!);
      const artifacts = compileForTests(group, override);
      for (const kind of ["single", "many"] as const) {
        for (const file of group) {
          onStep(file);
          const test = await runTests(file, kind, artifacts);
          if (test) return { outcome: "killed", by: file, test };
        }
      }
    }
  } catch (error) {
    if (error instanceof CompileError && override) return { outcome: "stillborn" };
    throw error;
  }
  if (!override) return { outcome: "survived" };
  original ??= optimizedCodeOf(sources);
  const isEqual = optimizedCodeOf(sources, override) === original;
  return { outcome: isEqual ? "equivalent" : "survived" };
}
