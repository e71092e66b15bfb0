#!/usr/bin/env node
import { MillraceError } from "@millrace/protocol";
import { Command, CommanderError } from "commander";
import { addAccountCommands } from "./cli/accountCommands.ts";
import { addBackingCommands } from "./cli/backingCommands.ts";
import { addBatchCommands } from "./cli/batchCommands.ts";
import { addCourtCommands } from "./cli/courtCommands.ts";
import { hintFor } from "./cli/hintFor.ts";
import { addMarketCommands } from "./cli/marketCommands.ts";

const USAGE_EXIT_CODE = 2;
const INTERRUPTED_EXIT_CODE = 130;

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());
const { signal } = interrupt;

const program = new Command("millrace")
  .description("Buy batch inference on a market of idle GPUs.")
  .option("--network <name>", "a network's name or the path of its description (MILLRACE_NETWORK)")
  .option("--relay <urls...>", "relays to use (default: the network's)")
  .showHelpAfterError("Run with --help to see what can be done.")
  .exitOverride()
  .addHelpText("after", "\nIn a clone, ./millrace also knows: dev, demo, provider, test.");
addMarketCommands(program);
addBatchCommands(program, { signal });
addCourtCommands(program);
addAccountCommands(program);
addBackingCommands(program);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, and returns the exit code for it. */
function report(error: unknown): number {
  // Commander has printed its own; help that was asked for is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  if (signal.aborted) return INTERRUPTED_EXIT_CODE;
  if (!(error instanceof MillraceError)) throw error;
  const hint = hintFor(error.code);
  console.error(`error [${error.code}]: ${error.message}${hint === undefined ? "" : `\n${hint}`}`);
  return 1;
}
