import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serveDashboard } from "@millrace/dashboard";
import { readModelInfo } from "@millrace/engine";
import { createIndexer } from "@millrace/indexer";
import { formatNetwork, type MarketParameters, type Network, parseAmount } from "@millrace/protocol";
import { openStore } from "@millrace/provider-agent";
import { createRelay } from "@millrace/relay";
import { toHex } from "viem";
import { localAccounts } from "./accounts.ts";
import { startChain } from "./chain.ts";
import { checkPort } from "./checkPort.ts";
import { fund } from "./fund.ts";
import { folderPrefix, markOwned, removeLeftovers } from "./leftovers.ts";
import { type ProviderProcess, startProvider } from "./providerProcess.ts";

/** Asking prices of the local providers, in TestUSD per 10⁶ tokens: a cheap one and a dearer one. */
export const localPrices = [
  { prompt: "0.10", output: "0.40" },
  { prompt: "0.14", output: "0.55" },
] as const;

/** A whole Millrace on this machine. */
export interface LocalNetwork extends AsyncDisposable {
  network: Network;
  /** The network's description, for `--network` and `MILLRACE_NETWORK`. */
  networkPath: string;
  providers: readonly ProviderProcess[];
  /** URL of the pages, where they were asked for. */
  dashboardUrl?: string;
  folder: string;
  close(): Promise<void>;
}

/**
 * Starts chain, contracts, relay, store and providers, with funded development accounts, and if asked an indexer with the
 * dashboard. All of it listens on loopback and ends with `close`, which also removes its folder.
 *
 * @param modelPath a GGUF file, or a URI such as `hf:user/model:Q8_0`
 * @param providers how many agents to run, 1 or 2. Default: 2.
 * @param chainPort, relayPort, indexerPort, dashboardPort Default: any free ones.
 * @param withDashboard Default: false, which saves ten seconds.
 * @param onStep is told what is being started
 * @throws MillraceError `model-not-found`, `not-a-gguf`, `port-in-use`, `provider-failed`, `indexer-failed`
 */
export async function startLocalNetwork({
  modelPath,
  providers: providerCount = 2,
  chainPort = 0,
  relayPort = 0,
  indexerPort = 0,
  dashboardPort = 0,
  withDashboard = false,
  marketParameters = {},
  providerEnv = {},
  onStep = () => {},
  signal,
}: {
  modelPath: string;
  providers?: number;
  chainPort?: number;
  relayPort?: number;
  indexerPort?: number;
  dashboardPort?: number;
  withDashboard?: boolean;
  marketParameters?: Partial<MarketParameters>;
  /** Further configuration for every agent. */
  providerEnv?: Record<string, string>;
  onStep?: (step: string) => void;
  signal?: AbortSignal;
}): Promise<LocalNetwork> {
  const stack = new AsyncDisposableStack();
  try {
    // Said at once, not after half a minute by an agent. URIs are the agent's to resolve.
    if (!modelPath.includes(":")) await readModelInfo(modelPath);
    await checkPort(chainPort, "--chain-port");
    await checkPort(relayPort, "--relay-port");
    await checkPort(indexerPort, "--indexer-port");
    await checkPort(dashboardPort, "--dashboard-port");
    await removeLeftovers();
    const folder = await mkdtemp(folderPrefix);
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await markOwned(folder);

    onStep("chain and contracts");
    const opening = openStore({ folder: join(folder, "store"), fsync: false, signal });
    // It opens beside the chain, and is to be closed even if the chain fails.
    stack.defer(async () => (await opening.catch(() => undefined))?.close());
    const chain = stack.use(await startChain({ port: chainPort, marketParameters }));

    onStep("store and relay");
    const store = await opening;
    const relay = stack.use(
      await createRelay({ folder: join(folder, "relay"), networks: [chain.network], port: relayPort }),
    );
    const network: Network = { ...chain.network, relays: [relay.url] };
    const networkPath = join(folder, "network.json");
    await writeFile(networkPath, `${formatNetwork(network)}\n`);

    onStep("accounts and providers");
    await fund(network, { account: localAccounts.buyer, mint: parseAmount("1000"), deposit: 0n });
    const startingProviders = Array.from({ length: providerCount }, async (_, number) => {
      const account = localAccounts.provider(number);
      await fund(network, { account, mint: 0n, deposit: parseAmount("1000") });
      const price = localPrices[number % localPrices.length]!;
      const providerFolder = join(folder, `provider-${number}`);
      await mkdir(providerFolder);
      const provider = await startProvider({
        folder: providerFolder,
        signal,
        env: {
          MILLRACE_NETWORK: networkPath,
          MILLRACE_PRIVATE_KEY: toHex(account.getHdKey().privateKey!),
          MILLRACE_MODEL: modelPath,
          DATABASE_URL: store.connectionString,
          MILLRACE_PROMPT_PRICE: price.prompt,
          MILLRACE_OUTPUT_PRICE: price.output,
          ...providerEnv,
        },
      });
      return stack.use(provider);
    });
    const startPages = async () => {
      const database = { databaseUrl: store.connectionString, folder: join(folder, "indexer") };
      const indexer = stack.use(await createIndexer({ network, port: indexerPort, signal, ...database }));
      const indexed = { ...network, indexers: [indexer.url] };
      const dashboard = stack.use(await serveDashboard({ network: indexed, port: dashboardPort }));
      await writeFile(networkPath, `${formatNetwork(indexed)}\n`);
      return { network: indexed, dashboardUrl: dashboard.url };
    };
    const startingPages = withDashboard ? startPages() : Promise.resolve({ network });
    // Whatever fails, the others are to be there before all are closed.
    await Promise.allSettled([...startingProviders, startingPages]);
    const providers = await Promise.all(startingProviders);
    const pages = await startingPages;

    let closed: Promise<void> | undefined;
    const owned = stack.move();
    const close = () => {
      closed ??= owned.disposeAsync();
      return closed;
    };
    const rest = { folder, close, [Symbol.asyncDispose]: close };
    return { ...pages, networkPath, providers, ...rest };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
