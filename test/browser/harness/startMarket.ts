import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveDashboard } from "@millrace/dashboard";
import { createLlamaEngine } from "@millrace/engine";
import { createIndexer } from "@millrace/indexer";
import { type CourtParameters, type MarketParameters, type Network, parseAmount } from "@millrace/protocol";
import { createAgent, openStore, readModelClass } from "@millrace/provider-agent";
import { createRelay } from "@millrace/relay";
import { createPublicClient, http, type PublicClient } from "viem";
import { localAccounts } from "../../../devnet/src/accounts.ts";
import { startChain } from "../../../devnet/src/chain.ts";
import { seatJurors } from "../../../devnet/src/cheats/jurors.ts";
import { passSeconds } from "../../../devnet/src/cheats/skipAhead.ts";
import { fund } from "../../../devnet/src/fund.ts";

const MODEL_PATH = fileURLToPath(new URL("../../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url));
const POLLING_MS = 250;

/** Windows long enough that nothing ends by itself while a test looks at it; tests set the clock ahead. */
const marketParameters: Partial<MarketParameters> = {
  graceSeconds: 600,
  windowSeconds: 7_200,
  answerSeconds: 600,
};
const courtParameters: Partial<CourtParameters> = { activationSeconds: 1, phaseSeconds: 600 };

/** A market with its indexer and its dashboard. */
export interface TestMarket extends AsyncDisposable {
  /** As clients and pages know it, indexer included. */
  network: Network;
  /** Of the dashboard. */
  url: string;
  /** Reads the chain itself, past everything under test. */
  reader: PublicClient;
}

/**
 * Starts a chain with all contracts, an indexer and a dashboard; and, unless told otherwise, a relay, one provider's
 * agent with the model that ships, and five jurors. The buyer has 1,000 TestUSD in its wallet and 100 in the Market.
 *
 * @param work whether anybody computes. Default: true.
 */
export async function startMarket({ work = true }: { work?: boolean } = {}): Promise<TestMarket> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "millrace-browser-"));
    stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const chain = stack.use(await startChain({ marketParameters, courtParameters }));
    const relay = stack.use(await createRelay({ folder: join(folder, "relay"), networks: [chain.network] }));
    const bare: Network = { ...chain.network, relays: [relay.url] };
    const indexer = stack.use(await createIndexer({ network: bare, folder: join(folder, "indexer") }));
    const network: Network = { ...bare, indexers: [indexer.url] };
    await fund(network, {
      account: localAccounts.buyer,
      mint: parseAmount("1000"),
      deposit: parseAmount("100"),
    });
    if (work) stack.use(await startWork(network, folder));
    const dashboard = stack.use(await serveDashboard({ network }));
    const reader = createPublicClient({ transport: http(network.rpcUrl), cacheTime: 0, pollingInterval: 50 });
    const owned = stack.move();
    return { network, url: dashboard.url, reader, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** One provider and five jurors, who share an engine. */
async function startWork(network: Network, folder: string): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const store = stack.use(await openStore({ folder: join(folder, "store"), fsync: false }));
    const engine = stack.use(
      await createLlamaEngine({ modelPath: MODEL_PATH, gpu: false, threads: 1, sequences: 4 }),
    );
    const modelClass = await readModelClass(MODEL_PATH);
    const account = localAccounts.provider(0);
    await fund(network, { account, mint: parseAmount("100"), deposit: parseAmount("100") });
    const agent = stack.use(
      createAgent({
        network,
        account,
        engine,
        modelClass,
        store,
        folder: join(folder, "agent"),
        offer: {
          promptPricePerMillion: parseAmount("1"),
          outputPricePerMillion: parseAmount("3"),
          capacityItems: 500,
          minTurnaroundSeconds: 60,
        },
        pollingIntervalMs: POLLING_MS,
      }),
    );
    await agent.start();
    stack.use(await seatJurors(network, { engine, modelClass, folder }));
    await passSeconds(network, 2);
    return stack;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
