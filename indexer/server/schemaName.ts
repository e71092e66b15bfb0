import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Network } from "@millrace/protocol";
import { createPublicClient, http } from "viem";

const TIMEOUT_MS = 10_000;
const RETRY_INTERVAL_MS = 500;

/**
 * Names the part of the database that this code fills from this chain: what other code wrote, or what was read from a
 * local chain that has been begun anew, is left alone, and all is read again.
 *
 * Asks the chain, for as long as it does not answer.
 */
export async function schemaName(network: Network, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  hash.update(`${network.chainId} ${network.market.toLowerCase()} ${await firstBlockHash(network, signal)}`);
  for (const path of codeFiles()) hash.update(await readFile(path));
  return `millrace_${hash.digest("hex").slice(0, 16)}`;
}

async function firstBlockHash({ rpcUrl, deployBlock }: Network, signal: AbortSignal | undefined) {
  for (;;) {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const fetchOptions = { signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
    const chain = createPublicClient({ transport: http(rpcUrl, { fetchOptions, retryCount: 0 }) });
    try {
      return (await chain.getBlock({ blockNumber: deployBlock })).hash;
    } catch {
      await sleep(RETRY_INTERVAL_MS);
    }
  }
}

/** All that has a say in what is written, in a fixed order. What reads it has none. */
function codeFiles(): string[] {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const protocol = fileURLToPath(new URL("./", import.meta.resolve("@millrace/protocol")));
  const ponder = fileURLToPath(new URL("../../package.json", import.meta.resolve("ponder")));
  const own = globSync(["*.ts", "schema/**/*.ts", "src/*.ts", "src/lib/**/*.ts"], { cwd: root });
  const shared = globSync("**/*.ts", { cwd: protocol });
  const inFolder = (folder: string, paths: string[]) => paths.sort().map((path) => join(folder, path));
  return [...inFolder(root, own), ...inFolder(protocol, shared), ponder];
}
