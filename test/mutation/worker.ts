/** Tries mutants in a process of its own, for one that never ends must be killed. Speaks over its IPC channel. */
import { attempt, type Trial, type Verdict } from "./trial.ts";

/**
 * A test file that is being run, and in the end a verdict, or an error: a fault of this tool, not of the mutant. Or that
 * the mutant takes too much memory: this process is of no use then.
 */
export type Answer =
  | { readonly step: string }
  | { readonly verdict: Verdict }
  | { readonly error: string }
  | { readonly isExhausted: true };

/** Several times what an honest trial takes; a mutant that loops takes 100 MiB a second. */
const MEMORY_BYTES = 3 * 2 ** 30;
const WATCH_MS = 500;

const send = (answer: Answer) => process.send?.(answer);

setInterval(() => {
  if (process.memoryUsage.rss() > MEMORY_BYTES) send({ isExhausted: true });
}, WATCH_MS).unref();

process.on("message", (trial: Trial) => {
  attempt(trial, (step) => send({ step })).then(
    (verdict) => send({ verdict }),
    (error: unknown) => send({ error: error instanceof Error ? error.stack! : String(error) }),
  );
});
