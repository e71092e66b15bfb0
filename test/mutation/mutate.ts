/**
 * Mutation testing: makes one small fault at a time in a contract, and counts how many its tests notice.
 *
 *   npm run mutate -- [--contract Market] [--sample 350] [--seed 1] [--workers 2] [--list] [--only ID] [--json]
 *
 * Ends with status 1 if fewer than 95 % of the mutants that differ from the original die. A run that was stopped goes
 * on where it was; verdicts are kept in cache/mutation/ as long as the contract and its tests stay as they are.
 */
import { join } from "node:path";
import { readSource, root } from "./compile.ts";
import { type Config, readConfig } from "./config.ts";
import type { Mutant } from "./mutants.ts";
import { openProject, type Project } from "./project.ts";
import { formatMutant, formatTable, type Row, readSurvivors, SCORE_LIMIT, scoreOf, tally } from "./report.ts";
import { Results } from "./results.ts";
import { sampleOf } from "./sample.ts";
import { targets } from "./targets.ts";
import type { Verdict } from "./trial.ts";
import { Worker } from "./workers.ts";

const config = readConfig(process.argv.slice(2));
const survivors = readSurvivors();
const rows: Row[] = [];

for (const target of targets.filter(({ name }) => !config.contract || config.contract.includes(name))) {
  const project = openProject(target);
  const mutants = choose(project, config);
  if (config.list) {
    console.log(mutants.map(formatMutant).join("\n"));
    continue;
  }
  const results = new Results(project, join(root, "cache/mutation"));
  await tryAll(project, mutants, results, config);
  const verdicts = mutants.map((mutant) => [mutant, results.get(mutant.id)!] as const);
  rows.push(...tally(project.name, verdicts, survivors));
  report(project, verdicts);
}

if (rows.length > 0) {
  console.log(`\n${formatTable(rows)}`);
  if (config.json) console.log(JSON.stringify(rows.map((row) => ({ ...row, score: scoreOf(row) }))));
  if (rows.some((row) => row.operator === "all" && scoreOf(row) < SCORE_LIMIT)) process.exitCode = 1;
}

function choose({ mutants }: Project, { only, sample, seed }: Config): Mutant[] {
  return only ? mutants.filter(({ id }) => id === only) : sampleOf(mutants, sample, seed);
}

async function tryAll(
  project: Project,
  mutants: readonly Mutant[],
  results: Results,
  { workers }: Config,
): Promise<void> {
  const { name, code } = project;
  const open = mutants.filter(({ id }) => !results.get(id));
  console.log(`${name}: ${project.mutants.length} mutants, ${mutants.length} chosen, ${open.length} to try`);
  if (open.length === 0) return;
  const pool = Array.from({ length: Math.min(workers, open.length) }, () => new Worker());
  try {
    await checkOriginal(project, open, pool[0]!);
    const queue = open.entries();
    await Promise.all(
      pool.map(async (worker) => {
        for (const [index, mutant] of queue) {
          const override = { file: mutant.file, content: mutant.mutated };
          const deployed = project.deployed.get(mutant.file);
          const started = performance.now();
          const groups = results.groupsFor(mutant.function);
          const verdict = await worker.try({ override, groups, code, deployed });
          results.add(mutant, verdict);
          const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
          console.log(`${index + 1}/${open.length} ${seconds} s  ${mutant.id}  ${describe(mutant, verdict)}`);
        }
      }),
    );
  } finally {
    await Promise.all(pool.map((worker) => worker.close()));
  }
}

/** All tests must pass on the original, in each of the ways that mutants are tried. */
async function checkOriginal({ code, tests, deployed }: Project, open: readonly Mutant[], worker: Worker) {
  const ways = new Map(open.map(({ file }) => [deployed.get(file)?.join(), file]));
  for (const [way, file] of ways) {
    const override = { file, content: readSource(file) };
    const trial = { groups: [tests], code, deployed: deployed.get(file), ...(way && { override }) };
    const original = await worker.try(trial);
    if (original.outcome === "killed") throw new Error(`${original.by} fails unmutated: ${original.test}`);
  }
}

function describe(mutant: Mutant, verdict: Verdict): string {
  const by = verdict.outcome === "killed" ? ` by ${verdict.test}` : "";
  return `${mutant.function} ${mutant.operator}: ${verdict.outcome}${by}`;
}

/** Names the survivors that have no reason, and the reasons that have no survivor. */
function report({ name, mutants }: Project, verdicts: readonly (readonly [Mutant, Verdict])[]): void {
  const alive = verdicts.filter(([, { outcome }]) => outcome === "survived").map(([mutant]) => mutant);
  const unexplained = alive.filter(({ id }) => !survivors.has(id));
  if (unexplained.length > 0) {
    console.log(`\n${name}: survivors without a reason\n${unexplained.map(formatMutant).join("\n")}`);
  }
  const known = new Map(mutants.map(({ id }) => [id, verdicts.find(([mutant]) => mutant.id === id)?.[1]]));
  for (const [id, survivor] of survivors) {
    if (survivor.contract !== name) continue;
    const verdict = known.get(id);
    if (!known.has(id) || (verdict && verdict.outcome !== "survived")) {
      console.log(
        `survivors.json: ${id} (${survivor.function}) is ${verdict?.outcome ?? "no mutant any more"}`,
      );
    }
  }
}
