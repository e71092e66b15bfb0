import { readFile } from "node:fs/promises";
import { MillraceError, type Network, networks, parseNetwork } from "@millrace/protocol";
import { z } from "zod";

/** What the dashboard on the command line is told. */
export interface DashboardConfig {
  network: Network;
  port: number;
  host: string;
}

const schema = z.object({
  network: z.string("A network is needed.").min(1),
  port: z.coerce.number().int().min(0).max(65_535).default(7_440),
  host: z.string().min(1).default("127.0.0.1"),
});

/** The name of an option in the environment. */
const variables = { network: "MILLRACE_NETWORK", port: "DASHBOARD_PORT", host: "DASHBOARD_HOST" } as const;

/**
 * Reads the dashboard's configuration: flags, then the environment, then defaults.
 *
 * @throws MillraceError `invalid-option`, `network-not-readable`, `invalid-network`
 */
export async function readConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined> = process.env,
): Promise<DashboardConfig> {
  const set = Object.entries(variables).filter(([, name]) => env[name]);
  const parsed = schema.safeParse({
    ...Object.fromEntries(set.map(([option, name]) => [option, env[name]])),
    ...flags,
  });
  if (!parsed.success) {
    throw new MillraceError("An option is not usable.", {
      code: "invalid-option",
      hints: parsed.error.issues.map(({ path, message }) => {
        const option = String(path[0]) as keyof typeof variables;
        return `--${option} (${variables[option]}): ${message}`;
      }),
    });
  }
  return { ...parsed.data, network: await readNetwork(parsed.data.network) };
}

async function readNetwork(nameOrPath: string): Promise<Network> {
  const known = Object.hasOwn(networks, nameOrPath) ? networks[nameOrPath] : undefined;
  if (known) return known;
  const json = await readFile(nameOrPath, "utf8").catch((cause: unknown) => {
    throw new MillraceError(`The network's description ${nameOrPath} cannot be read.`, {
      code: "network-not-readable",
      hints: ["Name its file with --network or MILLRACE_NETWORK; `./millrace dev` writes one."],
      cause,
    });
  });
  return parseNetwork(json);
}
