import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CourtParameters, MarketParameters, Network } from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import hardhatConfig from "../../../hardhat.production.config.ts";
import { deployContracts } from "../../../ignition/deployContracts.ts";
import { deployments } from "../../../ignition/deployments.ts";

/** So large that no block is ever half full: the base fee stays zero, and nobody needs ether. */
const GAS_LIMIT = 10 ** 12;

/** Far more blocks than are ever taken back. Of older states, which it keeps on disk, anvil can go back to empty ones. */
const STATES_IN_MEMORY = 200;

/** A chain of anvil's with the contracts on it. It mines each transaction at once, a second after the block before. */
export interface AnvilChain extends AsyncDisposable {
  network: Network;
  close(): Promise<void>;
}

export interface AnvilOptions {
  marketParameters?: Partial<MarketParameters>;
  courtParameters?: Partial<CourtParameters>;
}

/**
 * Starts anvil on a free loopback port and deploys the contracts. Anybody's transactions are taken, unsigned and for no
 * fee.
 *
 * @param options parameters that differ from the local deployment's
 */
export async function startAnvil({
  marketParameters = {},
  courtParameters = {},
}: AnvilOptions = {}): Promise<AnvilChain> {
  await using opened = new AsyncDisposableStack();
  await using scratch = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "millrace-anvil-"));
  scratch.defer(() => rm(folder, { recursive: true, force: true }));

  const rpcUrl = await spawnAnvil(opened);
  const paths = { ...hardhatConfig.paths, ignition: join(folder, "ignition") };
  const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));
  const hre = await createHardhatRuntimeEnvironment({ ...hardhatConfig, paths }, {}, projectRoot);
  const connection = await hre.network.create({ network: "localhost", override: { url: rpcUrl } });
  scratch.defer(() => connection.close());
  const { local } = deployments;
  const contracts = await deployContracts(connection, {
    ...local,
    marketParameters: { ...local.marketParameters, ...marketParameters },
    courtParameters: { ...local.courtParameters, ...courtParameters },
  });
  await connection.provider.request({ method: "anvil_setBlockTimestampInterval", params: [1] });

  const owned = opened.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= owned.disposeAsync();
    return closed;
  };
  const { chainId } = local;
  return {
    network: { name: "anvil", chainId, rpcUrl, ...contracts, deployBlock: 0n, relays: [] },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function spawnAnvil(owner: AsyncDisposableStack): Promise<string> {
  const flags = ["--port", "0", "--accounts", "20", "--auto-impersonate", "--order", "fifo"];
  const memory = ["--prune-history", String(STATES_IN_MEMORY)];
  const free = ["--gas-limit", String(GAS_LIMIT), "--gas-price", "0", "--block-base-fee-per-gas", "0"];
  // The program itself: the package's launcher does not take its child along when it is killed.
  const child = spawn(anvilProgram(), [...flags, ...memory, ...free], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  owner.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const address = /^Listening on (\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    // What it says of each call is nobody's concern, but a full pipe would stop it.
    child.stdout.resume();
    return `http://${address}`;
  }
  throw new Error("anvil ended before it listened.");
}

function anvilProgram(): string {
  const launcher = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const platform = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  return createRequire(launcher).resolve(`${platform}/bin/anvil`);
}
