import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CourtParameters, localChainIds, type MarketParameters, type Network } from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import hardhatConfig from "../../hardhat.production.config.ts";
import { type CompleteDeployment, deployContracts } from "../../ignition/deployContracts.ts";
import { deployments } from "../../ignition/deployments.ts";

/** A chain inside this process, served over HTTP on loopback, with the contracts deployed on it. */
export interface LocalChain extends AsyncDisposable {
  network: Network;
  /** What was deployed. */
  deployment: CompleteDeployment;
  close(): Promise<void>;
}

/**
 * Starts a chain and deploys the contracts on it. Development accounts hold ether.
 *
 * @param port Default: any free one.
 * @param relays URLs to put into the network's description.
 * @param marketParameters, courtParameters those that differ from the local deployment's
 */
export async function startChain({
  port = 0,
  relays = [],
  marketParameters = {},
  courtParameters = {},
}: {
  port?: number;
  relays?: readonly string[];
  marketParameters?: Partial<MarketParameters>;
  courtParameters?: Partial<CourtParameters>;
} = {}): Promise<LocalChain> {
  await using opened = new AsyncDisposableStack();
  await using scratch = new AsyncDisposableStack();
  // Ignition keeps a journal of what it deployed, which on the next chain, begun anew, would be taken for done.
  const ignition = await mkdtemp(join(tmpdir(), "millrace-ignition-"));
  scratch.defer(() => rm(ignition, { recursive: true, force: true }));
  // Not `import hre from "hardhat"`: that looks for the configuration in the working directory.
  const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
  const paths = { ...hardhatConfig.paths, ignition };
  const hre = await createHardhatRuntimeEnvironment({ ...hardhatConfig, paths }, {}, projectRoot);

  const server = await hre.network.createServer("node", "127.0.0.1", port);
  const { address, port: actualPort } = await server.listen();
  opened.defer(() => server.close());
  const rpcUrl = `http://${address}:${actualPort}`;
  const connection = await hre.network.create({ network: "localhost", override: { url: rpcUrl } });
  opened.defer(() => connection.close());
  const deployment = {
    ...deployments.local,
    marketParameters: { ...deployments.local.marketParameters, ...marketParameters },
    courtParameters: { ...deployments.local.courtParameters, ...courtParameters },
  };
  const contracts = await deployContracts(connection, deployment);
  const chainId = Number(await connection.provider.request({ method: "eth_chainId" }));
  if (!localChainIds.includes(chainId)) throw new Error(`Unexpected chain id ${chainId}`);

  const owned = opened.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= owned.disposeAsync();
    return closed;
  };
  return {
    network: {
      name: "local",
      chainId,
      rpcUrl,
      ...contracts,
      deployBlock: 0n,
      relays,
    },
    deployment,
    close,
    [Symbol.asyncDispose]: close,
  };
}
