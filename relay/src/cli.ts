import { MillraceError } from "@millrace/protocol";
import { Command } from "commander";
import { pino } from "pino";
import { readConfig } from "./config.ts";
import { createRelay } from "./createRelay.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());
const { signal } = interrupt;

const program = new Command("millrace-relay")
  .description("Keep sealed inputs and results of lots for whoever they belong to, until Ctrl-C.")
  .option("--folder <path>", "where the blobs are kept (RELAY_FOLDER)")
  .option("--network <files...>", "descriptions of the networks to serve (MILLRACE_NETWORK)")
  .option("--host <address>", "address to listen on (RELAY_HOST; default: 127.0.0.1)")
  .option("--port <port>", "0 for any free one (RELAY_PORT; default: 7420)")
  .option("--max-blob-bytes <n>", "largest blob (RELAY_MAX_BLOB_BYTES; default: 256 MiB)")
  .option("--quota-bytes-per-lot <n>", "room for a lot (RELAY_QUOTA_BYTES_PER_LOT; default: 1 GiB)")
  .option(
    "--quota-bytes-per-author <n>",
    "room for an author (RELAY_QUOTA_BYTES_PER_AUTHOR; default: 16 GiB)",
  )
  .option("--retention-seconds <n>", "how long blobs stay (RELAY_RETENTION_SECONDS; default: 30 days)")
  .option("--uploads-per-address <n>", "uploads at once (RELAY_UPLOADS_PER_ADDRESS; default: 64)")
  .option("--waiters-per-address <n>", "waiting readers (RELAY_WAITERS_PER_ADDRESS; default: 1,024)")
  .option(
    "--trust-proxy <n|addresses>",
    "proxies to believe about who asks (RELAY_TRUST_PROXY; default: none)",
  )
  .option("--log-level <level>", "trace, debug, info, warn, error or silent (RELAY_LOG_LEVEL; default: info)")
  .option("--quiet", "no logs")
  .action(async ({ quiet, ...flags }: Record<string, unknown>) => {
    const { logLevel, ...config } = await readConfig(quiet ? { ...flags, logLevel: "silent" } : flags);
    const logger = pino({ level: logLevel }, pino.destination(process.stderr.fd));
    await using relay = await createRelay({ ...config, logger });
    console.log(`Relay ${relay.url}`);
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(`error [${error.code}]: ${error.message}`);
  process.exitCode = 1;
}
