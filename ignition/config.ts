import { parseArgs } from "node:util";
import { MillraceError } from "@millrace/protocol";
import { type Address, type Hex, isAddress, isHex, size } from "viem";
import { z } from "zod";
import { type Deployment, deployments } from "./deployments.ts";

type DeploymentName = keyof typeof deployments;

const address = z.custom<Address>(
  (value) => typeof value === "string" && isAddress(value),
  "Not an address.",
);

const checkOptions = z.object({ network: z.string() });

const deployOptions = z.object({
  /** Which of the deployments. */
  network: z.enum(Object.keys(deployments) as [DeploymentName, ...DeploymentName[]]),
  rpc: z.string().url(),
  /** Where the network's description goes. */
  out: z.string(),
  /** A folder for Ignition's journal, to go on from. */
  journal: z.string().optional(),
  relay: z.array(z.string().url()).default([]),
  guardian: address.optional(),
  millHolder: address.optional(),
});

const environment = z.object({
  /** The deployer's: 32 bytes in hex. It is in charge of nothing afterwards. */
  MILLRACE_PRIVATE_KEY: z.custom<Hex>((value) => isHex(value) && size(value) === 32, "Not a private key."),
});

/** What `npm run deploy:check` is told. */
export function readCheckConfig(args: readonly string[]): z.output<typeof checkOptions> {
  const { values } = parseArgs({ args: [...args], options: { network: { type: "string" } } });
  return read(checkOptions, values);
}

/** What `npm run deploy` is told. */
export function readDeployConfig(args: readonly string[], env: Record<string, string | undefined>) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      network: { type: "string" },
      rpc: { type: "string" },
      out: { type: "string" },
      journal: { type: "string" },
      relay: { type: "string", multiple: true },
      guardian: { type: "string" },
      "mill-holder": { type: "string" },
    },
  });
  const { "mill-holder": millHolder, ...rest } = values;
  const options = read(deployOptions, { ...rest, millHolder });
  return { ...options, privateKey: read(environment, env).MILLRACE_PRIVATE_KEY };
}

/**
 * The deployment for a chain.
 *
 * @throws MillraceError `unknown-deployment`
 */
export function deploymentOf(chainId: number): Deployment & { name: DeploymentName } {
  const entries = Object.entries(deployments) as [DeploymentName, Deployment][];
  const found = entries.find(([, deployment]) => deployment.chainId === chainId);
  if (found) return { name: found[0], ...found[1] };
  throw new MillraceError(`Nothing is meant for chain ${chainId}.`, {
    code: "unknown-deployment",
    hints: [`ignition/deployments.ts has ${entries.map(([name]) => name).join(", ")}.`],
  });
}

function read<S extends z.ZodType>(schema: S, values: unknown): z.output<S> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new MillraceError("An option is missing or not usable.", {
    code: "invalid-option",
    hints: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
  });
}
