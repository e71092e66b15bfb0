/**
 * Proves what the contracts of test/static/smt assert about our libraries. Fails on whatever it could not prove for
 * which unproved.json there gives no reason, and on reasons that nothing needs any more.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { readSources } from "./solidity/compile.ts";
import { type Finding, prove, type Verdict } from "./solidity/prove.ts";

const FOLDER = "test/static/smt";

type Task = [file: string, content: string];

if (isMainThread) process.exitCode = (await proveAll()) ? 0 : 1;
else parentPort!.postMessage(prove(...(workerData as Task)));

async function proveAll(): Promise<boolean> {
  const path = join(import.meta.dirname, "..", FOLDER, "unproved.json");
  const known: (Finding & { reason: string })[] = JSON.parse(await readFile(path, "utf8"));
  const found: Finding[] = [];
  let proved = 0;

  const tasks = Object.entries(await readSources(FOLDER)).values();
  const work = async () => {
    for (const [file, { content }] of tasks) {
      const started = performance.now();
      const verdict = await proveApart([file, content]);
      const seconds = Math.round((performance.now() - started) / 1_000);
      console.log(`${file}: ${verdict.proved} proved, ${verdict.findings.length} not, ${seconds} s`);
      proved += verdict.proved;
      found.push(...verdict.findings);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));

  console.log(`${proved} proved, ${found.length} not`);
  const isIn = (list: readonly Finding[], { checked, finding, code }: Finding) =>
    list.some((other) => other.checked === checked && other.finding === finding && other.code === code);
  const wrong = {
    "Not proved, and no reason in unproved.json": found.filter((finding) => !isIn(known, finding)),
    "In unproved.json, but proved or gone": known.filter((finding) => !isIn(found, finding)),
    "In unproved.json without a reason": known.filter(({ reason }) => !reason),
  };
  for (const [title, findings] of Object.entries(wrong)) {
    if (findings.length > 0) console.log(`${title}: ${JSON.stringify(findings, null, 2)}`);
  }
  return proved > 0 && Object.values(wrong).every((findings) => findings.length === 0);
}

/** In a thread, for the compiler keeps its own busy. */
async function proveApart(task: Task): Promise<Verdict> {
  const worker = new Worker(import.meta.filename, { workerData: task });
  const [verdict] = await once(worker, "message");
  return verdict;
}
