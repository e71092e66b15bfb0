/**
 * Proves what the contracts of test/static/smt assert about our libraries, and that nothing these reach overflows,
 * divides by zero or reads out of bounds, with the model checker inside the pinned compiler. Fails on whatever it could
 * not prove for which test/static/smt/unproved.json gives no reason, and on reasons that nothing needs any more.
 *
 * The solver gives up after a fixed number of steps, not after a time, so its answers are the same on every machine.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { compile, type Diagnostic, readSources } from "./solidity/compile.ts";
import { slice } from "./solidity/slice.ts";

interface Finding {
  /** The file of the contract that was checked. */
  checked: string;
  finding: string;
  /** What it is about. */
  code: string;
}

interface Task {
  file: string;
  content: string;
}

interface Verdict {
  proved: number;
  findings: Finding[];
}

const FOLDER = "test/static/smt";
const TARGETS = ["assert", "overflow", "underflow", "divByZero", "outOfBounds"];
/** The code of "check is safe". */
const PROVED = "9576";
/** OpenZeppelin's assembly in what we use, which the checker would take for anything, said in Solidity. */
const PLAIN: [assembly: RegExp, solidity: string][] = [
  [/assembly \("memory-safe"\) {\s+u := iszero\(iszero\(b\)\)\s+}/, "u = b ? 1 : 0;"],
  [
    /assembly \("memory-safe"\) {\s+mstore\(0x00, 0x4e487b71\)\s+mstore\(0x20, code\)\s+revert\(0x1c, 0x24\)\s+}/,
    "revert();",
  ],
];

if (isMainThread) process.exitCode = (await checkAll()) ? 0 : 1;
else parentPort!.postMessage(check(workerData as Task));

async function checkAll(): Promise<boolean> {
  const path = join(import.meta.dirname, "..", FOLDER, "unproved.json");
  const known: (Finding & { reason: string })[] = JSON.parse(await readFile(path, "utf8"));
  const found: Finding[] = [];
  let proved = 0;

  const tasks = Object.entries(await readSources(FOLDER)).values();
  const work = async () => {
    for (const [file, { content }] of tasks) {
      const started = performance.now();
      const verdict = await checkApart({ file, content });
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
async function checkApart(task: Task): Promise<Verdict> {
  const worker = new Worker(import.meta.filename, { workerData: task });
  const [verdict] = await once(worker, "message");
  return verdict;
}

function check({ file, content }: Task): Verdict {
  const sources = slice(file, content);
  for (const source of Object.values(sources)) {
    for (const [assembly, solidity] of PLAIN) source.content = source.content.replace(assembly, solidity);
  }
  const { errors: diagnostics = [] } = compile(sources, {
    modelChecker: {
      engine: "chc",
      solvers: ["z3"],
      targets: TARGETS,
      showProvedSafe: true,
      showUnproved: true,
      showUnsupported: true,
    },
    outputSelection: { "*": { "*": ["abi"] } },
  });
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  // What the compiler itself warns of is left to tools/warnings.ts, which sees the sources as they are.
  const verdicts = diagnostics.filter(({ message }) => /\b(CHC|SMTChecker)\b/.test(message));
  return {
    proved: verdicts.filter(({ errorCode }) => errorCode === PROVED).length,
    findings: verdicts.filter(({ errorCode }) => errorCode !== PROVED).map(toFinding),
  };

  function toFinding({ message, sourceLocation }: Diagnostic): Finding {
    const { file: place = file, start = 0, end = 0 } = sourceLocation ?? {};
    const code = Buffer.from(sources[place]?.content ?? "").toString("utf8", start, end);
    // A counterexample, where there is one, follows the first line.
    return { checked: file, finding: message.split("\n")[0]!, code: code.replaceAll(/\s+/g, " ") };
  }
}
