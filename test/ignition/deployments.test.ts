import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { beforeAll, expect, test } from "vitest";
import { type LocalChain, startChain } from "../../devnet/src/chain.ts";
import hardhatConfig from "../../hardhat.production.config.ts";
import { checkDeployment } from "../../ignition/checkDeployment.ts";
import { deployContracts } from "../../ignition/deployContracts.ts";
import { type Deployment, deployments } from "../../ignition/deployments.ts";

let chain: LocalChain;

beforeAll(async () => {
  chain = await startChain();
  return () => chain.close();
});

// No contract takes numbers that are out of its bounds.
test.each(Object.entries<Deployment>(deployments))(
  "%s has numbers that the contracts take",
  async (_, meant) => {
    const { network } = chain;
    const { chainId, millHolder } = chain.deployment;
    const ignition = await mkdtemp(join(tmpdir(), "millrace-ignition-"));
    const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
    const config = { ...hardhatConfig, paths: { ...hardhatConfig.paths, ignition } };
    const hre = await createHardhatRuntimeEnvironment(config, {}, projectRoot);
    const connection = await hre.network.create({ network: "localhost", override: { url: network.rpcUrl } });
    try {
      const deployment = { ...meant, chainId, millHolder, asset: network.asset };
      const contracts = await deployContracts(connection, deployment);
      const client = await connection.viem.getPublicClient();
      const checks = await checkDeployment(client, { network: { ...network, ...contracts }, deployment });
      expect(checks.filter(({ isRight }) => !isRight)).toEqual([]);
    } finally {
      await connection.close();
      await rm(ignition, { recursive: true, force: true });
    }
  },
);

test.each(Object.entries<Deployment>(deployments))(
  "%s gives the longest case time",
  (_, { courtParameters }) => {
    // Contracts cannot say so: forty phases, in the 90 days for which a lot can be held.
    expect(40 * courtParameters.phaseSeconds).toBeLessThan(90 * 86_400);
  },
);
