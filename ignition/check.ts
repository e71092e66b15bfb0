/**
 * Proves from its chain that a fresh deployment is what ignition/deployments.ts says, and that no key is left over.
 *
 *   npm run deploy:check -- --network network.json
 */
import { readFile } from "node:fs/promises";
import { MillraceError, parseNetwork } from "@millrace/protocol";
import { createPublicClient, http } from "viem";
import { checkDeployment } from "./checkDeployment.ts";
import { deploymentOf, readCheckConfig } from "./config.ts";
import { printChecks } from "./printChecks.ts";

try {
  const { network: path } = readCheckConfig(process.argv.slice(2));
  const network = parseNetwork(await readFile(path, "utf8"));
  const client = createPublicClient({ transport: http(network.rpcUrl) });
  const checks = await checkDeployment(client, { network, deployment: deploymentOf(network.chainId) });
  if (!printChecks(checks, console.log)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(`error [${error.code}]: ${error.message}`);
  process.exitCode = 2;
}
