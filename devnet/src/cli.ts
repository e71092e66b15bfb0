import { MillraceError } from "@millrace/protocol";
import { Command } from "commander";
import { cheatDemo } from "./cheatDemo.ts";
import { readCheatDemoOptions, readDemoOptions, readDevOptions } from "./config.ts";
import { demo } from "./demo.ts";
import { dev } from "./dev.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());
const { signal } = interrupt;

const program = new Command("millrace").description("A whole Millrace on this machine.");

const withNetworkOptions = (command: Command) =>
  command
    .option("--model <path>", "GGUF file to serve (default: the one in models/)")
    .option("--providers <n>", "how many provider agents: 1 or 2 (default: 2)")
    .option("--chain-port <port>", "port of the chain (default: any free one)")
    .option("--relay-port <port>", "port of the relay (default: any free one)")
    .option("--indexer-port <port>", "port of the indexer (default: any free one)")
    .option("--dashboard-port <port>", "port of the dashboard (default: any free one)");

withNetworkOptions(program.command("dev"))
  .description("Start chain, contracts, relay, providers, indexer and dashboard, and stay until Ctrl-C.")
  .action((flags) => dev(readDevOptions(flags), { signal }));

withNetworkOptions(program.command("demo"))
  .description("Run a batch through the whole market and print what it cost.")
  .option("--requests <file>", "OpenAI Batch JSONL (default: 202 requests for the model in models/)")
  .option("--out <file>", "where to write the results (default: results.jsonl in a new folder)")
  .option("--keep", "leave the network running afterwards, with its dashboard, until Ctrl-C")
  .option("--cheat <kind>", "let a provider cheat instead, and see it caught; `list` prints the kinds")
  .option("--json", "print one JSON object as the last line of stdout")
  .action((flags) =>
    flags.cheat === undefined
      ? demo(readDemoOptions(flags), { signal })
      : cheatDemo(readCheatDemoOptions(flags), { signal }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (signal.aborted) {
    process.exitCode = 130;
  } else if (error instanceof MillraceError) {
    console.error(`error [${error.code}]: ${error.message}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
