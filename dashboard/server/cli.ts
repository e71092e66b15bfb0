import { MillraceError } from "@millrace/protocol";
import { Command } from "commander";
import { readConfig } from "./config.ts";
import { serveDashboard } from "./serveDashboard.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());
const { signal } = interrupt;

const program = new Command("millrace dashboard")
  .description("Serve a market's dashboard for browsers, until Ctrl-C.")
  .option("--network <file>", "description of the network to show (MILLRACE_NETWORK)")
  .option("--host <address>", "address to listen on (DASHBOARD_HOST; default: 127.0.0.1)")
  .option("--port <port>", "0 for any free one (DASHBOARD_PORT; default: 7440)")
  .action(async (flags: Record<string, unknown>) => {
    const config = await readConfig(flags);
    await using dashboard = await serveDashboard(config);
    console.log(`Dashboard ${dashboard.url}`);
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
