import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MillraceError, type Network, parseNetwork } from "@millrace/protocol";
import { type LevelWithSilent, pino } from "pino";
import { z } from "zod";
import type { CreateRelayParameters } from "./createRelay.ts";

/** What a relay on the command line is told. Values that are left out are createRelay's defaults. */
export interface RelayConfig extends Omit<CreateRelayParameters, "logger" | "networks" | "now"> {
  networks: readonly Network[];
  logLevel: LevelWithSilent;
}

const bytes = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional();
const count = z.coerce.number().int().positive().max(1_000_000).optional();

const schema = z.object({
  folder: z
    .string("A folder for the blobs is needed.")
    .min(1)
    .transform((path) => resolve(path)),
  network: z.array(z.string().min(1)).min(1, "A network's file is needed."),
  host: z.string().min(1).optional(),
  port: z.coerce.number().int().min(0).max(65_535).default(7_420),
  maxBlobBytes: bytes,
  quotaBytesPerLot: bytes,
  quotaBytesPerAuthor: bytes,
  retentionSeconds: z.coerce.number().int().positive().max(1_000_000_000).optional(),
  uploadsPerAddress: count,
  waitersPerAddress: count,
  trustProxy: z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : text))
    .optional(),
  logLevel: z.enum(["silent", ...Object.values(pino.levels.labels)] as [LevelWithSilent]).default("info"),
});

/** The name of an option in the environment, and what it is. */
const variables = {
  folder: "RELAY_FOLDER",
  host: "RELAY_HOST",
  port: "RELAY_PORT",
  maxBlobBytes: "RELAY_MAX_BLOB_BYTES",
  quotaBytesPerLot: "RELAY_QUOTA_BYTES_PER_LOT",
  quotaBytesPerAuthor: "RELAY_QUOTA_BYTES_PER_AUTHOR",
  retentionSeconds: "RELAY_RETENTION_SECONDS",
  uploadsPerAddress: "RELAY_UPLOADS_PER_ADDRESS",
  waitersPerAddress: "RELAY_WAITERS_PER_ADDRESS",
  trustProxy: "RELAY_TRUST_PROXY",
  logLevel: "RELAY_LOG_LEVEL",
} as const;

/**
 * Reads a relay's configuration: flags, then the environment, then defaults.
 *
 * @throws MillraceError `invalid-option`, `network-not-readable`, `invalid-network`
 */
export async function readConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined> = process.env,
): Promise<RelayConfig> {
  const set = Object.entries(variables).filter(([, name]) => env[name]);
  const parsed = schema.safeParse({
    network: env.MILLRACE_NETWORK ? [env.MILLRACE_NETWORK] : [],
    ...Object.fromEntries(set.map(([option, name]) => [option, env[name]])),
    ...flags,
  });
  if (!parsed.success) {
    throw new MillraceError("An option is not usable.", {
      code: "invalid-option",
      hints: parsed.error.issues.map(({ path, message }) => `${nameOf(String(path[0]))}: ${message}`),
    });
  }
  const { network, ...config } = parsed.data;
  const networks = await Promise.all(network.map(readNetwork));
  // Zod marks what was left out as undefined, which exactOptionalPropertyTypes tells apart from absent.
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as Omit<RelayConfig, "networks">), networks };
}

async function readNetwork(path: string): Promise<Network> {
  const json = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new MillraceError(`The network's description ${path} cannot be read.`, {
      code: "network-not-readable",
      hints: ["Name its file with --network or MILLRACE_NETWORK; `./millrace dev` writes one."],
      cause,
    });
  });
  return parseNetwork(json);
}

function nameOf(option: string): string {
  const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const variable = option === "network" ? "MILLRACE_NETWORK" : variables[option as keyof typeof variables];
  return `${flag} (${variable})`;
}
