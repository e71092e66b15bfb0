import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createIndexerClient, createMillrace, type IndexerClient, type Millrace } from "@millrace/client";
import { createIndexer, type Indexer } from "@millrace/indexer";
import {
  backersAbi,
  developmentAccount,
  marketAbi,
  modelIdOf,
  type Network,
  type Offer,
  offerIdOf,
} from "@millrace/protocol";
import { createPublicClient, custom, type Hex, http, zeroHash } from "viem";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type LocalChain, startChain } from "../../../devnet/src/chain.ts";
import { openUnwantedJob } from "../../browser/harness/seeds.ts";
import { deposit, rpc, send } from "./chain.ts";
import { batchFile, buyer, modelSpec, prompts, publish } from "./fixture.ts";

const provider = developmentAccount(1);
/** Beyond what a client reads from the chain again. */
const MANY_BLOCKS = 310;
const MODELS = "/v1/models?";

let chain: LocalChain;
let network: Network;
let indexer: Indexer;
/** Nobody computes them. */
const jobIds: Hex[] = [];

const otherSpec = { ...modelSpec, name: "lower-case" };
const [first, second] = [modelIdOf(modelSpec), modelIdOf(otherSpec)];

beforeAll(async () => {
  chain = await startChain();
  network = chain.network;
  await publish(network, modelSpec);
  await deposit(network, provider, 10n ** 9n);
  await deposit(network, buyer, 10n ** 9n);
  for (const salt of [1n, 2n, 3n]) await post(offerOf({ salt }));
  for (let i = 0; i < 2; i++) jobIds.push(await openUnwantedJob(network));
  const pool = { abi: backersAbi, address: network.backers };
  await send(network, provider, { ...pool, functionName: "openPool", args: [1_000] });
  await send(network, buyer, { ...pool, functionName: "back", args: [provider.address, 10n ** 6n] });
  await send(network, buyer, { ...pool, functionName: "requestExit", args: [provider.address, 10n ** 11n] });
  // One by one, but in one request: Hardhat's own call for many at once breaks on rollups of this kind.
  const mined = createPublicClient({
    transport: http(network.rpcUrl, { batch: { batchSize: MANY_BLOCKS } }),
  });
  const mine = { method: "evm_mine" } as never;
  await Promise.all(Array.from({ length: MANY_BLOCKS }, () => mined.request(mine)));
  // These come too late for the indexer's word to be taken.
  await publish(network, otherSpec);
  await post(offerOf({ salt: 4n }));
  await send(network, provider, { ...market(), functionName: "cancelOffer", args: [offerOf({ salt: 2n })] });
  indexer = await createIndexer({ network, logLevel: "silent" });
}, 170_000);

afterAll(async () => {
  await indexer?.close();
  await chain?.close();
});

const market = () => ({ abi: marketAbi, address: network.market }) as const;

const post = (offer: Offer) =>
  send(network, provider, { ...market(), functionName: "postOffer", args: [offer] });

function offerOf(changes: Partial<Offer>): Offer {
  return {
    provider: provider.address,
    modelId: modelIdOf(modelSpec),
    encryptionKey: `0x${"11".repeat(32)}`,
    promptPricePerMillion: 100_000n,
    outputPricePerMillion: 400_000n,
    capacityItems: 1_000,
    minLotItems: 1,
    maxLotItems: 1_000,
    minLotValue: 0n,
    maxPromptTokens: 4_096,
    maxOutputTokens: 4_096,
    minTurnaroundSeconds: 0,
    validUntil: 2 ** 40 - 1,
    epoch: 0,
    salt: 0n,
    ...changes,
  };
}

/** A client, and the ranges of blocks whose events it asks the chain for. */
function clientWith(indexers: readonly string[]): { millrace: Millrace; fromBlocks: number[] } {
  const node = createPublicClient({ transport: http(network.rpcUrl) });
  const fromBlocks: number[] = [];
  const transport = custom({
    request: async (call: { method: string; params: [{ fromBlock: Hex }] }) => {
      if (call.method === "eth_getLogs") fromBlocks.push(Number(call.params[0].fromBlock));
      return node.request(call as never);
    },
  });
  return { millrace: createMillrace({ network, account: buyer, transport, indexers }), fromBlocks };
}

const readAll = async (millrace: Millrace) => ({
  models: await millrace.models.list(),
  offers: await millrace.offers.list(),
  ofModel: await millrace.offers.list({ modelId: modelIdOf(modelSpec) }),
  ofOther: await millrace.offers.list({ modelId: modelIdOf(otherSpec) }),
  backings: await millrace.backing.list(),
  ofProvider: await millrace.backing.list({ provider: provider.address }),
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Something that stands where an indexer is to be. */
async function standIn(answer: Answer): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The indexer, whose answers are changed on their way. */
const changing = (change: (path: string, body: never) => unknown): Promise<string> =>
  standIn(async (request, response) => {
    const body = (await (await fetch(new URL(request.url!, indexer.url))).json()) as never;
    response.end(JSON.stringify(change(request.url!.split("?")[0]!, body)));
  });

describe("with an indexer", () => {
  test("the same comes out as straight from the chain, of which little is read", async () => {
    const straight = clientWith([]);
    const indexed = clientWith([indexer.url]);

    const expected = await readAll(straight.millrace);
    expect(await readAll(indexed.millrace)).toEqual(expected);

    expect(expected.models.map(({ spec }) => spec.name)).toEqual([modelSpec.name, otherSpec.name]);
    expect(expected.offers.map(({ offer }) => offer.salt)).toEqual([1n, 3n, 4n]);
    expect(expected.backings).toMatchObject([{ exits: [{ cohort: expect.any(Number) }] }]);
    expect(straight.fromBlocks).toContain(Number(network.deployBlock));
    expect(Math.min(...indexed.fromBlocks)).toBeGreaterThan(Number(network.deployBlock));
  });

  test("every method of its client gives what the indexer really answers", async () => {
    const client = createIndexerClient({ url: indexer.url });
    const modelId = modelIdOf(modelSpec);

    expect(await client.status()).toMatchObject({ chainId: network.chainId, market: network.market });
    expect(await client.totals()).toMatchObject({ models: 2, liveOffers: 3, backed: "900000" });
    expect((await client.models()).items).toMatchObject([{ spec: { name: modelSpec.name } }, {}]);
    expect(await client.model({ modelId })).toMatchObject({ publisher: buyer.address, attestations: [] });
    const first = await client.offers({ modelId, limit: 2 });
    expect(first.items.map(({ salt }) => salt)).toEqual(["1", "3"]);
    const rest = await client.offers({ modelId, limit: 2, after: first.next! });
    expect(rest.items.map(({ salt }) => salt)).toEqual(["4"]);
    expect(rest.next).toBeUndefined();
    expect((await client.book({ modelId, limit: 5 })).asks).toHaveLength(3);
    expect(await client.prices({ modelId })).toEqual([]);
    const tokens = { promptTokens: 100, outputTokens: 100 };
    expect(await client.quote({ modelId, items: 5, ...tokens })).toMatchObject({ unfilledItems: 0 });
    expect((await client.providers()).items).toMatchObject([{ provider: provider.address }]);
    expect(await client.provider({ address: provider.address })).toMatchObject({ pool: { isOpen: true } });
    const newest = jobIds.toReversed().map((jobId) => ({ jobId }));
    expect(await client.jobs({ buyer: buyer.address, modelId })).toMatchObject({ items: newest });
    expect(await client.jobs({ status: "done" })).toEqual({ items: [] });
    expect(await client.job({ jobId: jobIds[0]! })).toMatchObject({ itemCount: 3, lots: [] });
    expect(await client.cases({ status: "open" })).toEqual({ items: [] });
    expect(await client.parameters()).toMatchObject([{ version: 1, market: { feeBps: 100 } }]);
    expect(await client.proposals()).toEqual({ items: [] });
    expect(await client.stake()).toMatchObject({ stakers: 0, staked: "0" });
    expect(await client.account({ address: buyer.address })).toMatchObject({
      backings: [{ provider: provider.address }],
    });
    await expect(client.job({ jobId: zeroHash })).rejects.toMatchObject({ code: "unknown-job" });
    await expect(client.case({ caseId: "x" })).rejects.toMatchObject({
      code: "invalid-request",
    });
    await expect(client.model({ modelId: zeroHash })).rejects.toMatchObject({ code: "unknown-model" });
    await expect(client.proposal({ proposalId: 1n })).rejects.toMatchObject({ code: "unknown-proposal" });
    await expect(client.offers({ limit: 100_000 })).rejects.toMatchObject({ code: "invalid-request" });
  });

  test.for<[string, (client: IndexerClient) => Promise<unknown>, asked: RegExp, given: () => string]>([
    ["a model", (client) => client.model({ modelId: first }), /models\/.*/, () => `models/${second}`],
    ["a book", (client) => client.book({ modelId: first }), /models\/.*/, () => `models/${second}/book`],
    ["offers", (client) => client.offers({ modelId: second }), /offers.*/, () => "offers"],
    [
      "a quote",
      (client) => client.quote({ modelId: first, items: 5, promptTokens: 1, outputTokens: 1 }),
      /items=5/,
      () => "items=4",
    ],
    [
      "a provider",
      (client) => client.provider({ address: buyer.address }),
      /providers\/.*/,
      () => `providers/${provider.address}`,
    ],
    [
      "an account",
      (client) => client.account({ address: buyer.address }),
      /accounts\/.*/,
      () => `accounts/${provider.address}`,
    ],
    ["a job", (client) => client.job({ jobId: jobIds[0]! }), /jobs\/.*/, () => `jobs/${jobIds[1]}`],
    ["a buyer's jobs", (client) => client.jobs({ buyer: provider.address }), /jobs.*/, () => "jobs"],
    ["running jobs", (client) => client.jobs({ status: "running" }), /jobs.*/, () => "jobs"],
  ])("%s is refused where another was asked for", async ([, ask, asked, given]) => {
    const answers = (path: (text: string) => string) =>
      standIn(async (request, response) => {
        const reply = await fetch(new URL(path(request.url!), indexer.url));
        response.writeHead(reply.status).end(await reply.text());
      });
    const honest = createIndexerClient({ url: await answers((path) => path) });
    const liar = createIndexerClient({ url: await answers((path) => path.replace(asked, given())) });

    await expect(ask(honest).catch(({ code }) => code)).resolves.not.toBe("invalid-indexer-reply");
    await expect(ask(liar)).rejects.toMatchObject({
      code: "invalid-indexer-reply",
      details: expect.stringContaining("something else"),
    });
  });

  test("a name means nothing where several have it, even if it hides all but one", async () => {
    const impostor = { ...modelSpec, licence: "none" };
    const snapshot = await rpc(network, "evm_snapshot");
    onTestFinished(async () => {
      await rpc(network, "evm_revert", [snapshot]);
      // Beyond what is taken back, so that the next test begins when the indexer has done so.
      for (let mined = 0; mined < 3; mined++) await rpc(network, "evm_mine");
      const head = Number(await rpc(network, "eth_blockNumber"));
      const client = createIndexerClient({ url: indexer.url });
      await expect.poll(async () => (await client.status()).block, { timeout: 30_000 }).toBe(head);
      expect((await client.models()).items).toHaveLength(2);
    });
    await publish(network, impostor);
    await post(offerOf({ salt: 6n, modelId: modelIdOf(impostor) }));
    const real = modelIdOf(modelSpec);
    const hides = await changing((path, body: { items: { modelId: Hex }[] }) =>
      path.startsWith(MODELS)
        ? { ...body, items: body.items.filter(({ modelId }) => modelId !== real) }
        : body,
    );
    const { millrace } = clientWith([hides]);
    const input = batchFile(prompts(2));

    await expect(millrace.quote({ input })).rejects.toMatchObject({ code: "ambiguous-model" });
    const { jobs } = await millrace.quote({ input, model: modelIdOf(impostor) });
    expect(jobs.map(({ model }) => model.modelId)).toEqual([modelIdOf(impostor)]);
  });

  test("its live blocks come as the chain makes them", async () => {
    const client = createIndexerClient({ url: indexer.url });
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: number[] = [];
    const following = client.live(({ block }) => {
      seen.push(block);
      if (seen.length === 1) void rpc(network, "evm_mine");
      else resolve();
    }, stop.signal);

    await promise;
    stop.abort();
    await following;

    expect(seen[1]).toBeGreaterThan(seen[0]!);
  });

  test("what it does not know yet comes from the chain, and what is void now is left out", async () => {
    const answers = new Map<string, string>();
    const frozen = await standIn(async (request, response) => {
      const path = request.url!;
      const known = answers.get(path) ?? (await (await fetch(new URL(path, indexer.url))).text());
      answers.set(path, known);
      response.end(known);
    });
    const snapshot = await rpc(network, "evm_snapshot");
    const saltsOf = async () => {
      const { items } = await createIndexerClient({ url: indexer.url }).offers();
      return items.map(({ salt }) => salt);
    };
    const salts = await saltsOf();
    onTestFinished(async () => {
      await rpc(network, "evm_revert", [snapshot]);
      // What was cancelled and is no more is left out until the indexer has taken that back.
      await expect.poll(saltsOf, { timeout: 30_000 }).toEqual(salts);
    });
    const { millrace, fromBlocks } = clientWith([frozen]);
    await millrace.offers.list();
    await post(offerOf({ salt: 5n }));
    await send(network, provider, {
      ...market(),
      functionName: "cancelOffer",
      args: [offerOf({ salt: 1n })],
    });

    const offers = await millrace.offers.list();

    expect(offers.map(({ offer }) => offer.salt)).toEqual([3n, 4n, 5n]);
    expect(Math.min(...fromBlocks)).toBeGreaterThan(Number(network.deployBlock));
  });
});

describe("behavior: an indexer that is of no use changes nothing", () => {
  const forged = () => offerOf({ salt: 99n, outputPricePerMillion: 1n });
  const strangers = `0x${"ee".repeat(20)}`;

  test.for<[string, (path: string, body: never) => unknown]>([
    [
      "offers that nobody posted",
      (path, body: { items: object[] }) =>
        path === "/v1/offers"
          ? {
              ...body,
              items: [
                ...body.items,
                ...body.items.map((item) => ({
                  ...item,
                  offerId: offerIdOf(network, forged()),
                  salt: "99",
                  outputPricePerMillion: "1",
                })),
              ],
            }
          : body,
    ],
    [
      "other prices",
      (path, body: { items: object[] }) =>
        path === "/v1/offers"
          ? { ...body, items: body.items.map((item) => ({ ...item, outputPricePerMillion: "1" })) }
          : body,
    ],
    [
      "other models",
      (path, body: { items: object[] }) =>
        path.startsWith(MODELS)
          ? {
              ...body,
              items: body.items.map((model) => ({
                ...model,
                spec: { ...modelSpec, sizeBytes: "1", name: "cheaper" },
                publisher: strangers,
              })),
            }
          : body,
    ],
    [
      "models that nobody published",
      (path, body: { items: object[] }) =>
        path.startsWith(MODELS)
          ? { ...body, items: [...body.items, { ...body.items[0], modelId: `0x${"77".repeat(32)}` }] }
          : body,
    ],
    [
      "pools that nobody backed",
      (path, body: { backings: object[] }) =>
        path.startsWith("/v1/accounts")
          ? { ...body, backings: [...body.backings, { ...body.backings[0], provider: strangers }] }
          : body,
    ],
    [
      "another market",
      (path, body: object) => (path === "/v1/status" ? { ...body, market: strangers } : body),
    ],
    ["another chain", (path, body: object) => (path === "/v1/status" ? { ...body, chainId: 1 } : body)],
    ["amounts that are none", (_, body) => JSON.parse(JSON.stringify(body).replaceAll(/"\d+"/g, "-1"))],
    ["nothing of what was asked for", () => ({})],
  ] as [string, (path: string, body: never) => unknown][])("it tells of %s", async ([, change]) => {
    const { millrace } = clientWith([await changing(change)]);

    expect(await readAll(millrace)).toEqual(await readAll(clientWith([]).millrace));
  });

  test("it is far behind: then the chain is read from the start", async () => {
    const url = await changing((path, body: object) =>
      path === "/v1/status" ? { ...body, block: 1 } : body,
    );
    const { millrace, fromBlocks } = clientWith([url]);

    expect(await millrace.offers.list()).toHaveLength(3);
    expect(fromBlocks).toEqual([Number(network.deployBlock)]);
  });

  test.for<[string, Answer]>([
    ["fails", (_, response) => void response.writeHead(500).end("no")],
    [
      "says that it is not ready",
      (_, response) =>
        void response.writeHead(503).end('{"error":{"code":"not-ready","message":"","hints":[]}}'),
    ],
    [
      "breaks off",
      (_, response) =>
        void response.writeHead(200, { "content-length": "99" }).write("{", () => response.destroy()),
    ],
    ["stalls", () => {}],
    ["stalls within its answer", (_, response) => void response.write("{")],
  ])("it %s: asked once, then left alone", async ([, answer]) => {
    let asked = 0;
    const url = await standIn((request, response) => {
      asked++;
      return answer(request, response);
    });
    const { millrace } = clientWith([url, "http://127.0.0.1:1"]);

    expect(await readAll(millrace)).toEqual(await readAll(clientWith([]).millrace));
    expect(asked).toBe(1);
  });

  test("where the first is of no use, the next is asked", async () => {
    const { millrace, fromBlocks } = clientWith(["http://127.0.0.1:1", indexer.url]);

    expect(await millrace.offers.list()).toHaveLength(3);
    expect(Math.min(...fromBlocks)).toBeGreaterThan(Number(network.deployBlock));
  });
});
