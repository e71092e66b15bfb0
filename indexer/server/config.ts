import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MillraceError, networks, parseNetwork } from "@millrace/protocol";
import { z } from "zod";
import type { IndexerOptions } from "./createIndexer.ts";

/** What the command line says of each option; the environment's names are in brackets. */
export const usage = `Usage: millrace indexer [options]

Reads what happens in a market and answers by HTTP, until Ctrl-C.

  --network <file>              description of the network to read (MILLRACE_NETWORK)
  --port <port>                 0 for any free one (PORT; default: 7450)
  --host <address>              address to listen on (HOST; default: 127.0.0.1)
  --folder <path>               of the embedded store (MILLRACE_INDEXER_FOLDER; default: ~/.millrace/indexer)
  --requests-per-second <n>     to the chain's node, in steps of 20 (default: 20; 1000 on local chains)
  --polling-ms <n>              how often to look for a block (default: 1000; 100 on local chains)
  --schema <name>               of the database (default: one for this code and this chain)
  --log-level <level>           silent, error, warn, info or debug (default: info)
  --help

DATABASE_URL of a PostgreSQL server replaces the embedded store.`;

const flags = {
  network: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  folder: { type: "string" },
  "requests-per-second": { type: "string" },
  "polling-ms": { type: "string" },
  schema: { type: "string" },
  "log-level": { type: "string" },
  help: { type: "boolean" },
} as const;

const count = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);

const settings = z.object({
  network: z.string("Name a network's description with --network or MILLRACE_NETWORK."),
  port: count(0, 65_535).default(7_450),
  host: z.string().default("127.0.0.1"),
  folder: z
    .string()
    .default(() => join(homedir(), ".millrace", "indexer"))
    .transform((path) => resolve(path)),
  "requests-per-second": count(1, 100_000).optional(),
  "polling-ms": count(1, 3_600_000).optional(),
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,44}$/, "Up to 45 small letters, digits and underscores.")
    .optional(),
  "log-level": z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  databaseUrl: z.url().optional(),
});

/**
 * Reads what `millrace indexer` is told; undefined if it is asked for help.
 *
 * @throws MillraceError `invalid-option`, `network-not-readable`, `invalid-network`
 */
export async function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<IndexerOptions | undefined> {
  const given = parse(args);
  if (given.help) return undefined;
  const parsed = settings.safeParse({
    ...present({
      network: env.MILLRACE_NETWORK,
      port: env.PORT,
      host: env.HOST,
      folder: env.MILLRACE_INDEXER_FOLDER,
      databaseUrl: env.DATABASE_URL,
    }),
    ...given,
  });
  if (!parsed.success) {
    throw new MillraceError("An option is not usable.", {
      code: "invalid-option",
      hints: parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`),
    });
  }
  const { network, port, host, folder, schema, databaseUrl } = parsed.data;
  return {
    network: await readNetwork(network),
    port,
    host,
    folder,
    schema,
    databaseUrl,
    requestsPerSecond: parsed.data["requests-per-second"],
    pollingIntervalMs: parsed.data["polling-ms"],
    logLevel: parsed.data["log-level"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (cause) {
    throw new MillraceError("An option is not usable.", {
      code: "invalid-option",
      details: cause instanceof Error ? cause.message : String(cause),
      hints: ["`millrace indexer --help` lists them."],
    });
  }
}

/** An empty variable counts as none, as shells have it. */
function present(variables: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(variables).filter(([, value]) => value !== undefined && value !== "");
  // None of them is undefined now.
  return Object.fromEntries(entries) as Record<string, string>;
}

async function readNetwork(nameOrPath: string) {
  const known = Object.hasOwn(networks, nameOrPath) ? networks[nameOrPath] : undefined;
  if (known) return known;
  const json = await readFile(nameOrPath, "utf8").catch((cause: unknown) => {
    throw new MillraceError(`The network's description ${nameOrPath} cannot be read.`, {
      code: "network-not-readable",
      hints: ["`./millrace dev` runs one on this machine, and prints the path of its description."],
      cause,
    });
  });
  return parseNetwork(json);
}
