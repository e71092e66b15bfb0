import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  MillraceError,
  type Network,
  networks,
  parseNetwork,
  refuseDevelopmentKey,
} from "@millrace/protocol";
import { type Hex, isHex, type LocalAccount, size } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";

/** What every command of the CLI is told. */
export interface Config {
  network: Network;
  /** Absent: only commands that read work. */
  account?: LocalAccount;
  /** The folder of batches and secrets. */
  home: string;
}

const variables = z.object({
  /** Path of a network's description, or a known network's name. */
  MILLRACE_NETWORK: z.string().min(1).optional(),
  /** The buyer's private key: 32 bytes in hex. Keys are never taken from flags, which every user of a machine sees. */
  MILLRACE_PRIVATE_KEY: z.string().min(1).optional(),
  /** A file that holds the key alone. */
  MILLRACE_KEY_FILE: z.string().min(1).optional(),
  /** Default: `.millrace` in the user's home. */
  MILLRACE_HOME: z.string().min(1).optional(),
});

/**
 * Reads the CLI's configuration from the environment and its global flags.
 *
 * @throws MillraceError `no-network`, `network-not-readable`, `invalid-network`, `invalid-key`, `development-key`
 */
export async function readConfig(
  flags: { network?: string },
  env: Record<string, string | undefined> = process.env,
): Promise<Config> {
  // An empty variable counts as none, as shells have it.
  const present = Object.entries(env).filter(([, value]) => value !== "");
  const settings = variables.parse(Object.fromEntries(present));
  const network = await readNetwork(flags.network ?? settings.MILLRACE_NETWORK);
  const account = await readAccount(settings);
  if (account) refuseDevelopmentKey(network.chainId, account.address);
  const home = resolve(settings.MILLRACE_HOME ?? join(homedir(), ".millrace"));
  return { network, home, ...(account && { account }) };
}

async function readNetwork(nameOrPath: string | undefined): Promise<Network> {
  const hints = ["`./millrace dev` runs one on this machine, and prints the path of its description."];
  if (nameOrPath === undefined) {
    throw new MillraceError("Which network is not said.", {
      code: "no-network",
      hints: ["Name its description with --network or MILLRACE_NETWORK.", ...hints],
    });
  }
  const known = Object.hasOwn(networks, nameOrPath) ? networks[nameOrPath] : undefined;
  if (known) return known;
  const json = await readFile(nameOrPath, "utf8").catch((cause: unknown) => {
    throw new MillraceError(`The network's description ${nameOrPath} cannot be read.`, {
      code: "network-not-readable",
      hints,
      cause,
    });
  });
  return parseNetwork(json);
}

async function readAccount(settings: z.output<typeof variables>): Promise<LocalAccount | undefined> {
  const { MILLRACE_PRIVATE_KEY: key, MILLRACE_KEY_FILE: path } = settings;
  if (key !== undefined) return toAccount(key, "MILLRACE_PRIVATE_KEY");
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new MillraceError(`The key file ${path} cannot be read.`, { code: "invalid-key", cause });
  });
  return toAccount(text.trim(), path);
}

/** The key itself is in no message. */
function toAccount(text: string, source: string): LocalAccount {
  const key = text.startsWith("0x") ? text : `0x${text}`;
  try {
    if (isHex(key) && size(key) === 32) return privateKeyToAccount(key as Hex);
  } catch {
    // Not a number that can be a key; viem's message would show it.
  }
  throw new MillraceError(`${source} holds no private key.`, {
    code: "invalid-key",
    hints: ["A key is 32 bytes in hex, such as 0x12…ef."],
  });
}
