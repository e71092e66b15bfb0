import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLlamaEngine, type Engine } from "@millrace/engine";
import {
  developmentAccount,
  type MarketParameters,
  marketAbi,
  type Network,
  parseAmount,
  testUsdAbi,
} from "@millrace/protocol";
import { type Agent, type AgentOptions, createAgent, openStore, type Store } from "@millrace/provider-agent";
import { createRelay } from "@millrace/relay";
import { pino } from "pino";
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  type LocalAccount,
  nonceManager,
} from "viem";
import { onTestFinished } from "vitest";
import { startChain } from "../../../devnet/src/chain.ts";
import { Buyer } from "./buyer.ts";

export { eventually } from "./eventually.ts";

export const MODEL_PATH = fileURLToPath(
  new URL("../../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url),
);

export const offerTerms = {
  promptPricePerMillion: parseAmount("0.10"),
  outputPricePerMillion: parseAmount("0.40"),
  capacityItems: 500,
  minTurnaroundSeconds: 60,
};

/** Everything an agent meets in the world, real and alone. */
export interface World extends AsyncDisposable {
  network: Network;
  store: Store;
  engine: Engine;
  buyer: Buyer;
  provider: LocalAccount;
  /** Another provider's account. */
  rival: LocalAccount;
  folder: string;
  /** Makes and starts an agent, which goes on where the last of its account stopped; it closes when the test ends. */
  agent(options?: Partial<AgentOptions>): Promise<Agent>;
  /** An address's money in the Market. */
  money(address: Address): Promise<{ free: bigint; locked: bigint }>;
  /** Calls the Market as somebody; waits until it is mined well. */
  call(account: LocalAccount, functionName: string, args: readonly unknown[]): Promise<void>;
  /** Lets the chain's clock jump ahead. */
  wait(seconds: number): Promise<void>;
  /** Asks the chain's node something that only a local one answers. */
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
}

export async function createWorld({
  marketParameters = {},
}: {
  marketParameters?: Partial<MarketParameters>;
} = {}): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "millrace-agent-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const [store, chain, engine] = await Promise.all([
      openStore({ folder: join(folder, "store"), fsync: false }),
      startChain({ marketParameters }),
      createLlamaEngine({ modelPath: MODEL_PATH, gpu: false, threads: 1, sequences: 4 }),
    ]);
    stack.use(store);
    stack.use(chain);
    stack.use(engine);
    const relay = stack.use(await createRelay({ folder: join(folder, "relay"), networks: [chain.network] }));
    const network: Network = { ...chain.network, relays: [relay.url] };
    const provider = developmentAccount(1);
    const rival = developmentAccount(2);
    const buyer = await Buyer.create(network, developmentAccount(0));
    for (const account of [buyer.account, provider, rival]) await fund(network, account);
    const owned = stack.move();
    return {
      network,
      store,
      engine,
      buyer,
      provider,
      rival,
      folder,
      async agent(options = {}) {
        const agent = createAgent({
          network,
          account: provider,
          engine,
          store,
          folder: join(folder, (options.account ?? provider).address),
          offer: offerTerms,
          pollingIntervalMs: 50,
          logger: pino({ level: process.env.AGENT_LOG ?? "silent" }, pino.destination({ fd: 2, sync: true })),
          ...options,
        });
        onTestFinished(() => agent.close());
        await agent.start();
        return agent;
      },
      rpc: async (method, params = []) => rpc(network, method, params),
      async money(address) {
        const { free, locked } = await buyer.reader.readContract({
          abi: marketAbi,
          address: network.market,
          functionName: "accountOf",
          args: [address],
        });
        return { free, locked };
      },
      async call(account, functionName, args) {
        const wallet = createWalletClient({ account, transport: http(network.rpcUrl) });
        const data = encodeFunctionData({ abi: marketAbi as Abi, functionName, args });
        const hash = await wallet.sendTransaction({ chain: null, to: network.market, data });
        const { status } = await buyer.reader.waitForTransactionReceipt({ hash });
        if (status !== "success") throw new Error(`${functionName} reverted`);
      },
      async wait(seconds) {
        await rpc(network, "evm_increaseTime", [seconds]);
        await rpc(network, "evm_mine", []);
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function fund(network: Network, account: LocalAccount): Promise<void> {
  const transport = http(network.rpcUrl);
  const reader = createPublicClient({ transport, pollingInterval: 30 });
  const wallet = createWalletClient({ account: { ...account, nonceManager }, transport });
  const amount = parseAmount("1000");
  const asset = { abi: testUsdAbi, address: network.asset, chain: null } as const;
  const hashes = [
    await wallet.writeContract({ ...asset, functionName: "mint", args: [account.address, amount] }),
    await wallet.writeContract({ ...asset, functionName: "approve", args: [network.market, amount] }),
  ];
  for (const hash of hashes) await reader.waitForTransactionReceipt({ hash });
  const hash = await wallet.writeContract({
    abi: marketAbi,
    address: network.market,
    chain: null,
    functionName: "deposit",
    args: [account.address, amount],
  });
  await reader.waitForTransactionReceipt({ hash });
}

async function rpc<T>(network: Network, method: string, params: readonly unknown[]): Promise<T> {
  const client = createPublicClient({ transport: http(network.rpcUrl) });
  return client.request({ method, params } as never) as Promise<T>;
}

/** Requests of a few words each, no two alike. */
export function stories(count: number, maxTokens = 24): object[] {
  return Array.from({ length: count }, (_, index) => ({
    model: "tinystory",
    messages: [{ role: "user", content: `Tell me a story about a cat and ${index + 1} birds.` }],
    max_tokens: maxTokens,
    temperature: index % 2 === 0 ? 0 : 0.8,
    seed: index,
  }));
}
