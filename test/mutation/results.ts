import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Project } from "./project.ts";
import type { Verdict } from "./trial.ts";

/** Files share what they import, so compiling some together is cheaper; compiling all is dear where the first kills. */
const GROUP_FILES = 8;

interface Record {
  readonly id: string;
  readonly function: string;
  readonly verdict: Verdict;
  /** Fingerprint of what the verdict rests on. */
  readonly basis: string;
}

/**
 * The verdicts of a target so far, a line each. One counts as long as what it rests on is unchanged: a kill rests on
 * the test that killed, a survival on all of them.
 */
export class Results {
  readonly #path: string;
  readonly #project: Project;
  readonly #fingerprints = new Map<string, string>();
  readonly #verdicts = new Map<string, Verdict>();
  /** By function, how often each test file has killed; also in verdicts that no longer count. */
  readonly #killers = new Map<string, Map<string, number>>();

  constructor(project: Project, folder: string) {
    this.#project = project;
    this.#path = join(folder, `${project.name}.jsonl`);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(this.#path)) return;
    const tests = new Set(project.tests);
    // A run that was killed may have left half a line.
    for (const line of readFileSync(this.#path, "utf8")
      .split("\n")
      .filter((text) => text.endsWith("}"))) {
      const record = JSON.parse(line) as Record;
      if (record.verdict.outcome === "killed" && !tests.has(record.verdict.by)) continue;
      if (record.basis === this.#basisOf(record.verdict)) this.#verdicts.set(record.id, record.verdict);
      this.#learn(record.function, record.verdict);
    }
  }

  get(id: string): Verdict | undefined {
    return this.#verdicts.get(id);
  }

  add(mutant: { readonly id: string; readonly function: string }, verdict: Verdict): void {
    this.#verdicts.set(mutant.id, verdict);
    this.#learn(mutant.function, verdict);
    const record = { id: mutant.id, function: mutant.function, verdict, basis: this.#basisOf(verdict) };
    appendFileSync(this.#path, `${JSON.stringify(record satisfies Record)}\n`);
  }

  /**
   * All tests in groups, likeliest killers first: the file that killed most mutants of the function, or bears its
   * name or the contract's; then the others of which one of these is true; then the rest.
   */
  groupsFor(functionName: string): string[][] {
    const kills = this.#killers.get(functionName);
    const [contract, name = contract] = functionName.toLowerCase().split(".");
    const likelihoodOf = (file: string) => {
      const subject = basename(file, ".t.sol").toLowerCase();
      const isNamesake = name!.includes(subject) || subject.startsWith(contract!);
      return (kills?.get(file) ?? 0) + (isNamesake ? 0.5 : 0);
    };
    const likely = this.#project.tests
      .filter((file) => likelihoodOf(file) > 0)
      .sort((a, b) => likelihoodOf(b) - likelihoodOf(a));
    const rest = this.#project.tests.filter((file) => likelihoodOf(file) === 0);
    const chunks = Array.from({ length: Math.ceil(rest.length / GROUP_FILES) }, (_, index) =>
      rest.slice(index * GROUP_FILES, (index + 1) * GROUP_FILES),
    );
    return [likely.slice(0, 1), likely.slice(1), ...chunks].filter((group) => group.length > 0);
  }

  #learn(functionName: string, verdict: Verdict): void {
    if (verdict.outcome !== "killed") return;
    const kills = this.#killers.get(functionName) ?? new Map<string, number>();
    kills.set(verdict.by, (kills.get(verdict.by) ?? 0) + 1);
    this.#killers.set(functionName, kills);
  }

  #basisOf(verdict: Verdict): string {
    const { sources, code, tests } = this.#project;
    const files =
      verdict.outcome === "killed"
        ? [verdict.by]
        : verdict.outcome === "survived"
          ? tests
          : [...sources, ...code];
    const key = files.join();
    const known = this.#fingerprints.get(key) ?? this.#project.fingerprintOf(files);
    this.#fingerprints.set(key, known);
    return known;
  }
}
