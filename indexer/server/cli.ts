import { once } from "node:events";
import { MillraceError } from "@millrace/protocol";
import { readOptions, usage } from "./config.ts";
import { createIndexer } from "./createIndexer.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());
const { signal } = interrupt;

try {
  const options = await readOptions(process.argv.slice(2));
  if (!options) {
    console.log(usage);
  } else {
    console.error("Reading what happened so far …");
    await using indexer = await createIndexer({ ...options, signal });
    console.log(`Indexer ${indexer.url}`);
    const { process: child } = indexer;
    await Promise.race([once(signal, "abort"), once(child, "exit")]);
    if (!signal.aborted) {
      throw new MillraceError("The indexer stopped by itself.", {
        code: "indexer-failed",
        details: `Exit code ${child.exitCode ?? child.signalCode}`,
      });
    }
  }
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
