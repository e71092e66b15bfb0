import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Trial, Verdict } from "./trial.ts";
import type { Answer } from "./worker.ts";

/** Far beyond the longest honest step, which takes seconds, on a machine that does much else. */
const PATIENCE_MS = 300_000;

/** One process at a time, begun anew after one that had to be killed. */
export class Worker {
  readonly #patienceMs: number;
  #process: ChildProcess | undefined;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** A test that does not end counts as failed: so it would for whoever waits for it. */
  async try(trial: Trial): Promise<Verdict> {
    // One thread: as many workers as there are cores share them better than the suites of one do.
    this.#process ??= fork(join(import.meta.dirname, "worker.ts"), {
      env: { ...process.env, RAYON_NUM_THREADS: "1" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const answer = await this.#ask(this.#process, trial);
    if (typeof answer !== "string") return answer;
    await this.close();
    return { outcome: "killed", by: answer, test: "no end" };
  }

  async close(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** The verdict, or the file at which the process fell silent, or ran out of memory. */
  async #ask(child: ChildProcess, trial: Trial): Promise<Verdict | string> {
    const { promise, resolve, reject } = Promise.withResolvers<Verdict | string>();
    let step = trial.groups[0]![0]!;
    const timer = setTimeout(() => resolve(step), this.#patienceMs);
    const onMessage = (answer: Answer) => {
      timer.refresh();
      if ("verdict" in answer) resolve(answer.verdict);
      else if ("isExhausted" in answer) resolve(step);
      else if ("error" in answer) reject(new Error(answer.error));
      else step = answer.step;
    };
    const onExit = () => reject(new Error(`The worker ended: ${child.signalCode ?? child.exitCode}.`));
    child.on("message", onMessage).on("exit", onExit);
    child.send(trial);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
    }
  }
}
