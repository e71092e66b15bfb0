import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Network, parseAmount, parseNetwork } from "@millrace/protocol";
import { type Command, Option } from "commander";
import {
  type Address,
  getAddress,
  type Hex,
  isAddress,
  isAddressEqual,
  isHex,
  type LocalAccount,
  size,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import { AgentError } from "./errors.ts";

const amount = z.string().transform((text, context) => {
  try {
    return parseAmount(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not an amount such as 0.10" });
    return z.NEVER;
  }
});
const count = z.coerce.number().int().min(1);
const address = z.string().transform((text, context) => {
  // Whatever its case: not every tool writes checksums.
  if (isAddress(text, { strict: false })) return getAddress(text);
  context.addIssue({ code: "custom", message: "is not an address" });
  return z.NEVER;
});

const networkSchema = z.object({
  network: z.string("names no network file"),
  owner: address.optional(),
});
const engineSchema = networkSchema.extend({
  model: z.string("names no model"),
  folder: z.string(),
  maxGasGwei: z.coerce.number().positive().optional(),
  threads: count.optional(),
  sequences: count.optional(),
  contextTokens: count.optional(),
  gpu: z.enum(["auto", "off"]),
  pollingMs: count.optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "silent"]),
});
const runSchema = engineSchema.extend({
  juror: z.boolean().default(false),
  databaseUrl: z.string().optional(),
  promptPrice: amount,
  outputPrice: amount,
  capacityItems: count.optional(),
  minLotItems: count.optional(),
  minLotValue: amount.optional(),
  minTurnaround: count.optional(),
  maxLots: count.optional(),
  lotSeconds: count.optional(),
  gasCostPerLot: amount.optional(),
  httpHost: z.string(),
  httpPort: z.coerce.number().int().min(0).max(65_535),
});

/** What `millrace-provider run` needs, checked. */
export type RunConfig = Omit<z.output<typeof runSchema>, "network"> & {
  network: Network;
  account: LocalAccount;
  /** The agent ends when the process that started it closes the channel between them. */
  stopWithParent: boolean;
};

const calibrateSchema = z.object({
  folder: z.string(),
  out: z.string().optional(),
  items: count.optional(),
  replace: z.boolean().default(false),
});

/** What `millrace-provider juror run` and `juror take` need, checked; and the part of that of `run`. */
export type EngineConfig = Omit<z.output<typeof engineSchema>, "network"> & {
  network: Network;
  account: LocalAccount;
};

/** What the commands about money need. */
export interface AccountConfig {
  network: Network;
  account: LocalAccount;
  /** Whose account in the Market they are about. */
  owner: Address;
}

/** Each flag beside the variable that it mirrors. Keys are never flags: other users could read them off the process list. */
const networkOption = () =>
  new Option("--network <file>", "description of the network").env("MILLRACE_NETWORK");

const ownerOption = () =>
  new Option("--owner <address>", "whose account the key works for (default: its own)").env("MILLRACE_OWNER");

const folderOption = () =>
  new Option("--folder <path>", "where the agent keeps its state")
    .env("MILLRACE_FOLDER")
    .default(join(homedir(), ".millrace"));

export function withAccountOptions(command: Command): Command {
  return command.addOption(networkOption()).addOption(ownerOption());
}

export function withCalibrateOptions(command: Command): Command {
  return command
    .option("--out <file>", "where to write the class (default: beside the model)")
    .option("--items <n>", "honest items under each setting: more take longer and tell more")
    .option("--replace", "write over a class that is there")
    .addOption(folderOption());
}

function option(flags: string, variable: string, description: string, fallback?: string): Option {
  const created = new Option(flags, description).env(variable);
  return fallback === undefined ? created : created.default(fallback);
}

/** Options of commands that run a model. */
export function withEngineOptions(command: Command): Command {
  const options = [
    networkOption(),
    ownerOption(),
    option("--model <path>", "MILLRACE_MODEL", "path of a GGUF file, or a URI such as hf:user/model:Q8_0"),
    folderOption(),
    option("--max-gas-gwei <gwei>", "MILLRACE_MAX_GAS_GWEI", "most paid for gas"),
    option("--threads <n>", "MILLRACE_THREADS", "CPU threads (default: measured)"),
    option("--sequences <n>", "MILLRACE_SEQUENCES", "requests computed at once (default: measured)"),
    option(
      "--context-tokens <n>",
      "MILLRACE_CONTEXT_TOKENS",
      "prompt and output of a request (default: the model's)",
    ),
    option("--gpu <mode>", "MILLRACE_GPU", "auto or off", "auto"),
    option("--polling-ms <ms>", "MILLRACE_POLLING_MS", "how often the chain is read"),
    option("--log-level <level>", "MILLRACE_LOG_LEVEL", "trace, debug, info, warn, error or silent", "info"),
  ];
  for (const each of options) command.addOption(each);
  return command;
}

export function withRunOptions(command: Command): Command {
  withEngineOptions(command);
  const options = [
    new Option("--juror", "also judge cases of this model, with a seat in its court").env("MILLRACE_JUROR"),
    option("--database-url <url>", "DATABASE_URL", "a PostgreSQL server (default: one of its own)"),
    option("--prompt-price <amount>", "MILLRACE_PROMPT_PRICE", "asked per 10⁶ prompt tokens", "0.10"),
    option("--output-price <amount>", "MILLRACE_OUTPUT_PRICE", "asked per 10⁶ output tokens", "0.40"),
    option("--capacity-items <n>", "MILLRACE_CAPACITY_ITEMS", "items on offer (default: by speed)"),
    option("--min-lot-items <n>", "MILLRACE_MIN_LOT_ITEMS", "smallest lot on offer"),
    option(
      "--min-lot-value <amount>",
      "MILLRACE_MIN_LOT_VALUE",
      "least worth of a lot on offer, in the asset (default: the gas cost per lot)",
    ),
    option("--min-turnaround <seconds>", "MILLRACE_MIN_TURNAROUND", "shortest turnaround on offer"),
    option("--max-lots <n>", "MILLRACE_MAX_LOTS", "lots fetched or computed at once"),
    option("--lot-seconds <seconds>", "MILLRACE_LOT_SECONDS", "how long a claimed lot should take"),
    option(
      "--gas-cost-per-lot <amount>",
      "MILLRACE_GAS_COST_PER_LOT",
      "what a lot costs in gas, in the asset; less is not worth claiming",
    ),
    option("--http-host <host>", "MILLRACE_HTTP_HOST", "where status is served", "127.0.0.1"),
    option("--http-port <port>", "MILLRACE_HTTP_PORT", "where status is served; 0: any free port", "0"),
  ];
  for (const each of options) command.addOption(each);
  return command;
}

/** @throws AgentError `invalid-config`, MillraceError `invalid-network` */
export async function readRunConfig(flags: unknown): Promise<RunConfig> {
  const parsed = check(runSchema, flags);
  const [network, account] = await Promise.all([readNetwork(parsed.network), readAccount()]);
  return { ...parsed, network, account, stopWithParent: process.env.MILLRACE_STOP_WITH_PARENT === "1" };
}

/** @throws AgentError `invalid-config` */
export function readCalibrateConfig(flags: unknown): z.output<typeof calibrateSchema> {
  return check(calibrateSchema, flags);
}

/** @throws AgentError `invalid-config`, MillraceError `invalid-network` */
export async function readEngineConfig(flags: unknown): Promise<EngineConfig> {
  const parsed = check(engineSchema, flags);
  const [network, account] = await Promise.all([readNetwork(parsed.network), readAccount()]);
  return { ...parsed, network, account };
}

/** @throws AgentError `invalid-config`, MillraceError `invalid-network` */
export async function readAccountConfig(flags: unknown): Promise<AccountConfig> {
  const parsed = check(networkSchema, flags);
  const [network, account] = await Promise.all([readNetwork(parsed.network), readAccount()]);
  return { network, account, owner: parsed.owner ?? account.address };
}

function check<Schema extends z.ZodType>(schema: Schema, flags: unknown): z.output<Schema> {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw invalidConfig("The configuration cannot be used.", lines.join("\n"), [
    "See `millrace-provider run --help`.",
  ]);
}

async function readNetwork(path: string): Promise<Network> {
  try {
    return parseNetwork(await readFile(path, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "invalid-network") throw cause;
    throw invalidConfig("The network's description cannot be read.", path, [], cause);
  }
}

async function readAccount(): Promise<LocalAccount> {
  const { MILLRACE_PRIVATE_KEY, MILLRACE_KEY_FILE } = process.env;
  let key = MILLRACE_PRIVATE_KEY;
  if (key === undefined && MILLRACE_KEY_FILE !== undefined) {
    key = await readFile(MILLRACE_KEY_FILE, "utf8").catch((cause: unknown) => {
      throw invalidConfig("The key file cannot be read.", MILLRACE_KEY_FILE, [], cause);
    });
  }
  if (key === undefined) {
    throw invalidConfig("There is no key.", undefined, ["Set MILLRACE_KEY_FILE or MILLRACE_PRIVATE_KEY."]);
  }
  const hex = key.trim().startsWith("0x") ? key.trim() : `0x${key.trim()}`;
  if (!isHex(hex) || size(hex) !== KEY_BYTES) {
    // The value itself stays out of every message.
    throw invalidConfig("The key is not 32 bytes of hex.", undefined, []);
  }
  return privateKeyToAccount(hex satisfies Hex);
}

const KEY_BYTES = 32;

/**
 * Reads an address that a command was given.
 *
 * @throws AgentError `invalid-config`
 */
export function parseAddress(text: string): Address {
  return check(address, text);
}

/**
 * Reads the number of a seat that a command was given.
 *
 * @throws AgentError `invalid-config`
 */
export function parseSeatId(text: string): number {
  return check(z.coerce.number("is not the number of a seat").int().min(1).max(0xffff_ffff), text);
}

/**
 * Reads a share as people write it, such as `12.5`, into basis points.
 *
 * @throws AgentError `invalid-config`
 */
export function parsePercent(text: string): number {
  const bps = Math.round(Number(text) * 100);
  if (/^\d{1,3}(\.\d{1,2})?$/.test(text) && bps <= 10_000) return bps;
  throw invalidConfig("A share is 0 to 100 percent, with at most two decimals.", text, ["Write it as 12.5."]);
}

/**
 * Refuses what an operator cannot do for the owner.
 *
 * @throws AgentError `invalid-config`
 */
export function requireOwnKey({ account, owner }: AccountConfig): void {
  if (isAddressEqual(account.address, owner)) return;
  throw invalidConfig("Only the owner's own key can do this.", owner, [
    "Unset MILLRACE_OWNER, with that key.",
  ]);
}

function invalidConfig(
  shortMessage: string,
  details: string | undefined,
  hints: readonly string[],
  cause?: unknown,
): AgentError {
  return new AgentError(shortMessage, {
    code: "invalid-config",
    ...(details !== undefined && { details }),
    hints,
    cause,
  });
}
