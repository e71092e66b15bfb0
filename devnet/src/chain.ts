import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { localChainIds, type Network } from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { Address } from "viem";
import hardhatConfig from "../../hardhat.production.config.ts";
import LocalModule from "../../ignition/modules/Local.ts";

/** Numbers of the local market: windows of seconds, so that a job can be followed through every state by hand. */
export interface LocalMarketParameters {
  vault: Address;
  feeBps: number;
  collateralBps: number;
  penaltyBps: number;
  releaseBps: number;
  bountyBps: number;
  graceSeconds: number;
  submitGraceSeconds: number;
  windowSeconds: number;
  bidSeconds: number;
  minLotCollateral: bigint;
}

/** The fee of local networks goes to the last development account, which nobody else uses. */
export const localMarketParameters: LocalMarketParameters = {
  vault: "0x8626f6940E2eb28930eFb4CeF49B2d1F2C9C1199",
  feeBps: 100,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  releaseBps: 50,
  bountyBps: 1_000,
  graceSeconds: 30,
  submitGraceSeconds: 5,
  windowSeconds: 30,
  bidSeconds: 30 * 24 * 3600,
  minLotCollateral: 10_000n,
};

/** A chain inside this process, served over HTTP on loopback, with the contracts deployed on it. */
export interface LocalChain extends AsyncDisposable {
  network: Network;
  close(): Promise<void>;
}

/**
 * Starts a chain and deploys the contracts on it. Development accounts hold ether.
 *
 * @param port Default: any free one.
 * @param relays URLs to put into the network's description.
 */
export async function startChain({
  port = 0,
  relays = [],
  marketParameters = {},
}: {
  port?: number;
  relays?: readonly string[];
  marketParameters?: Partial<LocalMarketParameters>;
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
  const { asset, market, modelRegistry } = await connection.ignition.deploy(LocalModule, {
    parameters: { Local: { marketParameters: { ...localMarketParameters, ...marketParameters } as never } },
  });
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
      market: market.address,
      asset: asset.address,
      modelRegistry: modelRegistry.address,
      deployBlock: 0n,
      relays,
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
