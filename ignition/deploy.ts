/**
 * Deploys everything on a network of ignition/deployments.ts, hands it over to votes, and checks that by reading it back.
 * Interrupted, the same command goes on.
 *
 *   MILLRACE_PRIVATE_KEY=0x… npm run deploy -- --network base --rpc https://… --mill-holder 0x… --out network.json
 *
 *   --guardian 0x…   who may pause openings (default: nobody, until a vote names someone)
 *   --journal DIR    where Ignition writes down how far it is (default: ignition/deployments in this repository)
 *   --relay URL      for the network's description; may be repeated
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatNetwork, MillraceError, type Network, refuseDevelopmentKey } from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { createPublicClient, http } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import hardhatConfig from "../hardhat.production.config.ts";
import { checkDeployment } from "./checkDeployment.ts";
import { readDeployConfig } from "./config.ts";
import { deployContracts } from "./deployContracts.ts";
import { type Deployment, deployments } from "./deployments.ts";
import { printChecks } from "./printChecks.ts";

try {
  await deploy(readDeployConfig(process.argv.slice(2), process.env));
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(`error [${error.code}]: ${error.message}`);
  process.exitCode = 2;
}

async function deploy(config: ReturnType<typeof readDeployConfig>): Promise<void> {
  const { network: name, rpc: rpcUrl, relay: relays, out, journal, privateKey } = config;
  const meant: Deployment = deployments[name];
  const millHolder = config.millHolder ?? meant.millHolder;
  if (!millHolder) {
    throw new MillraceError("Who has MILL at first is not said.", {
      code: "invalid-option",
      hints: ["Name them with --mill-holder: a contract that shares it out, never a single key."],
    });
  }
  const deployment = { ...meant, millHolder, guardian: config.guardian ?? meant.guardian };
  for (const account of [privateKeyToAddress(privateKey), millHolder, deployment.guardian]) {
    refuseDevelopmentKey(meant.chainId, account);
  }
  const client = createPublicClient({ transport: http(rpcUrl) });
  const chainId = await client.getChainId();
  if (chainId !== meant.chainId) {
    throw new MillraceError(`The chain at ${rpcUrl} is ${chainId}, not ${meant.chainId}.`, {
      code: "wrong-chain",
    });
  }
  const projectRoot = fileURLToPath(new URL("../", import.meta.url));
  const ignition = resolve(journal ?? join(projectRoot, "ignition"));
  const deployBlock = await startBlock(join(ignition, "deployments"), name, await client.getBlockNumber());
  const target = { type: "http" as const, url: rpcUrl, chainId, accounts: [privateKey] };
  const hre = await createHardhatRuntimeEnvironment(
    {
      ...hardhatConfig,
      networks: { ...hardhatConfig.networks, target },
      paths: { ...hardhatConfig.paths, ignition },
    },
    {},
    projectRoot,
  );
  const connection = await hre.network.create("target");
  try {
    const contracts = await deployContracts(connection, deployment, { deploymentId: name });
    const network: Network = { name, chainId, rpcUrl, relays, deployBlock, ...contracts };
    await writeFile(out, `${formatNetwork(network)}\n`);
    const checks = await checkDeployment(client, { network, deployment });
    if (!printChecks(checks, console.log)) process.exitCode = 1;
  } finally {
    await connection.close();
  }
}

/** The block in which the deployment began, also when it is gone on with: kept beside Ignition's journal. */
async function startBlock(folder: string, name: string, head: bigint): Promise<bigint> {
  const path = join(folder, `${name}.startBlock`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(path, String(head), { flag: "wx" });
    return head;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return BigInt(await readFile(path, "utf8"));
  }
}
