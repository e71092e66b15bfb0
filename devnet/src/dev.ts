import { once } from "node:events";
import { toHex } from "viem";
import { localAccounts } from "./accounts.ts";
import type { DevOptions } from "./config.ts";
import { startLocalNetwork } from "./localNetwork.ts";

/** Runs a local network until `signal` aborts. */
export async function dev(options: DevOptions, { signal }: { signal: AbortSignal }): Promise<void> {
  await using local = await startLocalNetwork({
    modelPath: options.model,
    providers: options.providers,
    chainPort: options.chainPort,
    relayPort: options.relayPort,
    indexerPort: options.indexerPort,
    dashboardPort: options.dashboardPort,
    withDashboard: true,
    onStep: (step) => console.log(`Starting ${step} …`),
    signal,
  });
  const { network, networkPath, providers, dashboardUrl } = local;
  console.log(`
Chain      ${network.rpcUrl} (chain id ${network.chainId})
Market     ${network.market}
Asset      ${network.asset} (TestUSD: anyone may mint)
Models     ${network.modelRegistry}
Relay      ${network.relays.join(", ")}
Indexer    ${network.indexers?.join(", ")}`);
  for (const { address, url } of providers) console.log(`Provider   ${address}  ${url}/status`);
  console.log(`Buyer      ${localAccounts.buyer.address} with 1,000 TestUSD in its wallet

Look at the market, and buy, back, vote with development accounts:

  ${dashboardUrl}

In another terminal:

  export MILLRACE_NETWORK=${networkPath}
  export MILLRACE_PRIVATE_KEY=${toHex(localAccounts.buyer.getHdKey().privateKey!)}
  ./millrace deposit 10
  ./millrace batch run devnet/requests.jsonl --out results.jsonl

Ctrl-C ends everything and leaves nothing behind.`);
  if (!signal.aborted) await once(signal, "abort");
  console.log("\nStopping …");
}
