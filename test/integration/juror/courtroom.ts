import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLlamaEngine, type Engine } from "@millrace/engine";
import {
  type CaseState,
  type CourtParameters,
  courtAbi,
  developmentAccount,
  type MarketParameters,
  type ModelClass,
  type ModelSpec,
  marketAbi,
  type Network,
  parseAmount,
  testUsdAbi,
  unpackDocket,
} from "@millrace/protocol";
import {
  type Agent,
  type AgentOptions,
  createAgent,
  createJuror,
  type Juror,
  type JurorOptions,
  modelSpecOf,
  openStore,
  readModelClass,
  type Store,
} from "@millrace/provider-agent";
import { createRelay, type Relay } from "@millrace/relay";
import { pino } from "pino";
import {
  type Abi,
  type Address,
  BaseError,
  type ContractEventName,
  createPublicClient,
  createWalletClient,
  type GetContractEventsReturnType,
  type Hex,
  http,
  type LocalAccount,
  NonceTooLowError,
  type PublicClient,
} from "viem";
import { onTestFinished } from "vitest";
import { startChain } from "../../../devnet/src/chain.ts";
import { MODEL_PATH, offerTerms } from "../agent/fixture.ts";

/** As it was measured and is shipped. */
export const modelClass: ModelClass = await readModelClass(MODEL_PATH);

export const buyer = developmentAccount(0);
export const provider = developmentAccount(1);
export const jurorAccount = (number: number) => developmentAccount(5 + number);

type CourtEvents<Name extends ContractEventName<typeof courtAbi>> = GetContractEventsReturnType<
  typeof courtAbi,
  Name,
  true
>;

/** A chain with a court, a relay, a model, and money; jurors come as tests call them. */
export interface Courtroom extends AsyncDisposable {
  network: Network;
  engine: Engine;
  spec: ModelSpec;
  relay: Relay;
  reader: PublicClient;
  folder: string;
  /** Makes and starts a juror, which goes on where the last of its number stopped; it closes when the test ends. */
  juror(number: number, options?: Partial<JurorOptions>): Promise<Juror>;
  /** Makes and starts the provider's agent, which closes when the test ends. */
  agent(options?: Partial<AgentOptions>): Promise<Agent>;
  /** Gives a juror more seats. */
  takeSeats(number: number, count: number): Promise<void>;
  /** Five of them. */
  jury(): Promise<Juror[]>;
  call(
    account: LocalAccount,
    to: "market" | "court",
    functionName: string,
    args: readonly unknown[],
  ): Promise<Hex>;
  caseOf(lotId: Hex): Promise<CaseState>;
  events<Name extends ContractEventName<typeof courtAbi>>(
    eventName: Name,
    lotId?: Hex,
  ): Promise<CourtEvents<Name>>;
  money(address: Address): Promise<{ free: bigint; locked: bigint }>;
  /** Lets the chain's clock jump ahead. */
  wait(seconds: number): Promise<void>;
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
}

export async function openCourtroom({
  marketParameters = {},
  courtParameters = {},
}: {
  marketParameters?: Partial<MarketParameters>;
  courtParameters?: Partial<CourtParameters>;
} = {}): Promise<Courtroom> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "millrace-juror-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const [chain, engine] = await Promise.all([
      startChain({ marketParameters, courtParameters: { activationSeconds: 1, ...courtParameters } }),
      createLlamaEngine({ modelPath: MODEL_PATH, gpu: false, threads: 1, sequences: 4 }),
    ]);
    stack.use(chain);
    stack.use(engine);
    const relay = stack.use(await createRelay({ folder: join(folder, "relay"), networks: [chain.network] }));
    const network: Network = { ...chain.network, relays: [relay.url] };
    const transport = http(network.rpcUrl);
    const reader = createPublicClient({ transport, pollingInterval: 30, cacheTime: 0 });
    const contracts = {
      market: { abi: marketAbi as Abi, address: network.market },
      court: { abi: courtAbi as Abi, address: network.court },
    };
    const send = async (account: LocalAccount, call: Parameters<typeof reader.simulateContract>[0]) => {
      const wallet = createWalletClient({ account, transport });
      // More than any call here needs: an estimate holds for the second in which it was made.
      const hash = await wallet.writeContract({ ...call, gas: 1_000_000n, chain: null } as never);
      const { status } = await reader.waitForTransactionReceipt({ hash });
      if (status !== "success") throw new Error(`${call.functionName} reverted`);
      return hash;
    };
    let store: Store | undefined;
    const room: Courtroom = {
      network,
      engine,
      spec: modelSpecOf(engine, modelClass),
      relay,
      reader,
      folder,
      async juror(number, options = {}) {
        const juror = createJuror({
          network,
          account: jurorAccount(number),
          engine,
          modelClass,
          folder: join(folder, `juror-${number}`),
          pollingIntervalMs: 50,
          collectFrom: 1n,
          logger: loggerOf(`juror ${number}`),
          ...options,
        });
        onTestFinished(() => juror.close());
        await juror.start();
        return juror;
      },
      async agent(options = {}) {
        store ??= stack.use(await openStore({ folder: join(folder, "store"), fsync: false }));
        const agent = createAgent({
          network,
          account: provider,
          engine,
          modelClass,
          store,
          folder: join(folder, "agent"),
          offer: { ...offerTerms },
          pollingIntervalMs: 50,
          logger: loggerOf("agent"),
          ...options,
        });
        onTestFinished(() => agent.close());
        await agent.start();
        return agent;
      },
      async takeSeats(number, count) {
        const { address } = jurorAccount(number);
        const taken = await room.events("SeatTaken");
        const { modelId, encryptionKey } = taken.find(({ args }) => args.owner === address)!.args;
        const take = () =>
          room.call(jurorAccount(number), "court", "takeSeat", [address, address, modelId, encryptionKey]);
        for (let taken = 0; taken < count; ) {
          try {
            await take();
            taken++;
          } catch (error) {
            // The juror has just used the nonce itself.
            const isNonceUsed = (cause: unknown) => cause instanceof NonceTooLowError;
            if (!(error instanceof BaseError && error.walk(isNonceUsed))) throw error;
          }
        }
      },
      async jury() {
        const jurors = await Promise.all([0, 1, 2, 3, 4].map((number) => room.juror(number)));
        // Until they may be drawn for a job that is opened.
        await room.wait(2);
        return jurors;
      },
      call: (account, to, functionName, args) => send(account, { ...contracts[to], functionName, args }),
      async caseOf(lotId) {
        return unpackDocket(
          await reader.readContract({
            abi: courtAbi,
            address: network.court,
            functionName: "docketOf",
            args: [lotId],
          }),
        );
      },
      async events(eventName, lotId) {
        const logs = await reader.getContractEvents({
          abi: courtAbi,
          address: network.court,
          eventName,
          fromBlock: 0n,
          strict: true,
        });
        const of = (args: unknown) => (args as { lotId?: Hex }).lotId;
        // The cast: viem does not follow a name that it does not know.
        return logs.filter(({ args }) => lotId === undefined || of(args) === lotId) as never;
      },
      async money(address) {
        const { free, locked } = await reader.readContract({
          abi: marketAbi,
          address: network.market,
          functionName: "accountOf",
          args: [address],
        });
        return { free, locked };
      },
      async wait(seconds) {
        await room.rpc("evm_increaseTime", [seconds]);
        await room.rpc("evm_mine");
      },
      rpc: async (method, params = []) => reader.request({ method, params } as never),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
    const amount = parseAmount("1000");
    for (const account of [buyer, provider, ...[0, 1, 2, 3, 4, 5].map(jurorAccount)]) {
      const asset = { abi: testUsdAbi as Abi, address: network.asset };
      await send(account, { ...asset, functionName: "mint", args: [account.address, amount] });
      await send(account, { ...asset, functionName: "approve", args: [network.market, amount] });
      await room.call(account, "market", "deposit", [account.address, amount]);
    }
    return room;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

const loggerOf = (name: string) =>
  pino({ level: process.env.AGENT_LOG ?? "silent", base: { name } }, pino.destination({ fd: 2, sync: true }));
