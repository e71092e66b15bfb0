import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIndexer, type Indexer } from "@millrace/indexer";
import { developmentAccount, governorAbi, millAbi, modelIdOf, modelRegistryAbi } from "@millrace/protocol";
import { openStore, type Store } from "@millrace/provider-agent";
import { encodeFunctionData, type Hex, parseEther, stringToHex, zeroHash } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnvilChain } from "../../helpers/marketDriver/anvil.ts";
import { startMarket } from "../../helpers/marketDriver/market.ts";
import { eventOf, MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";
import { fillOf, openJob, postOffer, publishModel } from "../../helpers/marketDriver/trading.ts";
import { clientAtHead } from "./indexed.ts";

let chain: AnvilChain;
let market: MarketDriver;
let folder: string;
let store: Store;
let indexer: Indexer;

beforeAll(async () => {
  chain = await startMarket();
  market = new MarketDriver(chain.network, 12);
  folder = await mkdtemp(join(tmpdir(), "millrace-hostile-"));
  store = await openStore({ folder: join(folder, "postgres"), fsync: false });
  indexer = await createIndexer({ network: chain.network, databaseUrl: store.connectionString });
}, 240_000);

afterAll(async () => {
  await indexer?.close();
  await store?.close();
  await chain?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Beyond what an index of PostgreSQL holds, and of no use to compression. */
const long = (bytes = 6_000) => randomBytes(bytes).toString("base64");
/** Of what a text of PostgreSQL may not hold, and of what JSON and COPY write in another way. */
const odd = 'a\0b\u0000\\u0000\\N\t\r\n\b"\u{1F600}\uFFFE';

describe("texts that anybody can write into events", () => {
  const attested = (kind: string) => ({ kind, contentHash: zeroHash, uri: long(), summary: odd });
  let texts: {
    plainId: Hex;
    modelId: Hex;
    kinds: string[];
    name: string;
    description: string;
    proposalId: bigint;
  };

  beforeAll(async () => {
    const attester = market.somebody().address;
    const { spec, modelId: plainId } = await publishModel(market);
    for (const kind of ["short", long(16_384)]) {
      await market.send(attester, "modelRegistry", "attest", [plainId, { ...attested(kind), uri: "" }]);
    }
    const its = { ...spec, name: long(300_000), quantization: odd, licence: long() };
    await market.send(attester, "modelRegistry", "publish", [its]);
    const modelId = modelIdOf(its);
    const kinds = [long(), long(), odd];
    for (const kind of kinds) {
      await market.send(attester, "modelRegistry", "attest", [modelId, attested(kind)]);
    }
    await market.send(attester, "modelRegistry", "revoke", [modelId, kinds[0]!]);
    // Bytes that are no UTF-8.
    const mark = "invalid here";
    const args = [modelId, attested(mark)] as const;
    const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: "attest", args });
    const broken = data.replace(stringToHex(mark).slice(2), "fffe80c3a028c0000000edf5") as Hex;
    await market.sendData(attester, "modelRegistry", broken);

    const description = odd + long(50_000);
    const proposalId = await propose(description);
    const by = market.somebody().address;
    await market.send(by, "governor", "castVoteWithReason", [proposalId, 0, odd + long()]);
    texts = { plainId, modelId, kinds, name: its.name, description, proposalId };
  });

  /** By who has all MILL at first. */
  async function propose(description: string): Promise<bigint> {
    const { address } = developmentAccount(19);
    const mill = { address: market.network.mill, abi: millAbi } as const;
    const supply = await market.reader.readContract({ ...mill, functionName: "totalSupply" });
    await market.send(address, "mill", "approve", [market.network.stakedMill, supply]);
    await market.send(address, "stakedMill", "stake", [parseEther("1000000")]);
    const args = [[address], [0n], ["0x"], description] as const;
    const logs = await market.send(address, "governor", "propose", args);
    await market.lapse(2);
    return eventOf(logs, governorAbi, "ProposalCreated").proposalId;
  }

  /** As it came, but for NUL. */
  const stored = (text: string) => text.replaceAll("\0", "");

  async function expectTexts(asked: Pick<Indexer, "url">): Promise<void> {
    const client = await clientAtHead(asked, market);
    const { spec, attestations } = await client.model({ modelId: texts.modelId });
    expect(spec).toMatchObject({ name: texts.name, quantization: stored(odd) });
    const [second, third, broken, ...others] = attestations;
    expect(second).toMatchObject({ kind: texts.kinds[1], summary: stored(odd) });
    expect(third).toMatchObject({ kind: stored(texts.kinds[2]!) });
    expect(broken?.kind).toContain("\uFFFD");
    expect(others).toEqual([]);
    const { description, votes } = await client.proposal({ proposalId: texts.proposalId });
    expect(description).toBe(stored(texts.description));
    expect(votes).toMatchObject([{ reason: expect.stringContaining(stored(odd)) }]);
  }

  test("are indexed as they come in", async () => {
    await expectTexts(indexer);
  });

  test("are not in lists, where they are long", async () => {
    const client = await clientAtHead(indexer, market);
    expect((await client.models()).items.map(({ modelId }) => modelId)).toEqual([texts.plainId]);
    const { attestations } = await client.model({ modelId: texts.plainId });
    expect(attestations.map(({ kind }) => kind)).toEqual(["short"]);
  });

  test("are indexed as history, in an embedded store", async () => {
    await using other = await createIndexer({ network: chain.network });
    await expectTexts(other);
  });
});

test("quotes cut offers into lots that the Market takes", async () => {
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await market.trader()];
  const terms = { promptPricePerMillion: 10_000_000n, outputPricePerMillion: 10_000_000n, minLotItems: 1 };
  // An item at its caps of 40 and 60 tokens is worth 1,000 base units: lots have 8 to 10.
  const bounds = { capacityItems: 27, maxLotItems: 10, minLotValue: 7_500n };
  const offer = await postOffer(market, provider, { modelId, ...terms, ...bounds });
  // Cheaper, and no lot of it is worth enough.
  const cheap = { promptPricePerMillion: 1n, outputPricePerMillion: 1n, minLotValue: 10n ** 15n };
  await postOffer(market, provider, { modelId, ...terms, ...cheap });

  const client = await clientAtHead(indexer, market);
  const quote = async (items: number) => {
    const { fills, unfilledItems } = await client.quote({
      modelId,
      items,
      promptTokens: 40,
      outputTokens: 60,
    });
    return [fills.map((fill) => fill.items), unfilledItems];
  };
  expect(await quote(7)).toEqual([[], 7]);
  expect(await quote(12)).toEqual([[10], 2]);
  expect(await quote(30)).toEqual([[27], 3]);

  const fills = [fillOf(offer, [7]), fillOf(offer, [9, 9, 9])];
  const { lots } = await openJob(market, { spec, buyer, itemCount: 30, fills });
  expect(lots.map(({ itemCount }) => itemCount)).toEqual([9, 9, 9]);
});
