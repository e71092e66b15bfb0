/** Tries mutants in a process of its own, for one that never ends must be killed. Speaks over its IPC channel. */
import { attempt, type Trial, type Verdict } from "./trial.ts";

/** A test file that is being run, and in the end a verdict, or an error: a fault of this tool, not of the mutant. */
export type Answer = { readonly step: string } | { readonly verdict: Verdict } | { readonly error: string };

const send = (answer: Answer) => process.send?.(answer);

process.on("message", (trial: Trial) => {
  attempt(trial, (step) => send({ step })).then(
    (verdict) => send({ verdict }),
    (error: unknown) => send({ error: error instanceof Error ? error.stack! : String(error) }),
  );
});
