import { marketAbi, type Offer, offerIdOf, parseAmount } from "@millrace/protocol";
import { type Agent, createAgent } from "@millrace/provider-agent";
import { createWalletClient, http } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, eventually, offerTerms, stories, type World } from "./fixture.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const offerOf = (agent: Agent) => agent.status().offer as Offer;

function stateOf(offer: Offer) {
  return world.buyer.reader.readContract({
    abi: marketAbi,
    address: world.network.market,
    functionName: "offerState",
    args: [offerIdOf(world.network, offer)],
  });
}

test("a restart takes over the live offer; other terms replace it", async () => {
  const folder = `${world.folder}/adopting`;
  const first = await world.agent({ folder });
  const offer = offerOf(first);
  expect(await stateOf(offer)).toMatchObject({ cancelled: false });
  await first.close();

  const second = await world.agent({ folder });
  expect(offerOf(second)).toEqual(offer);
  expect(second.status().gasUsed).toBe(0n);
  await second.close();

  const dearer = { ...offerTerms, outputPricePerMillion: parseAmount("0.50") };
  const third = await world.agent({ folder, offer: dearer });
  expect(offerOf(third).outputPricePerMillion).toBe(parseAmount("0.50"));
  expect(await stateOf(offer)).toMatchObject({ cancelled: true });
  expect(await stateOf(offerOf(third))).toMatchObject({ cancelled: false });
});

test("an offer that is used up is renewed once there is room again", async () => {
  const agent = await world.agent({ offer: { ...offerTerms, capacityItems: 4 } });
  const offer = offerOf(agent);
  const opened = await world.buyer.open({
    modelId: agent.modelId,
    requests: stories(4, 4),
    fills: [{ offer, lotItems: [4] }],
  });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  await world.buyer.upload(opened, lot!);
  await eventually(() => offerOf(agent).salt).not.toBe(offer.salt);
  expect(await stateOf(offer)).toMatchObject({ cancelled: true, filledItems: 4 });
  expect(await stateOf(offerOf(agent))).toMatchObject({
    postedBy: world.provider.address,
    cancelled: false,
    filledItems: 0,
  });
});

test("an offer that its owner cancels stays cancelled", async () => {
  const agent = await world.agent();
  const wallet = createWalletClient({ account: world.provider, transport: http(world.network.rpcUrl) });
  await wallet.writeContract({
    abi: marketAbi,
    address: world.network.market,
    chain: null,
    functionName: "cancelAllOffers",
    args: [world.provider.address],
  });
  const offer = offerOf(agent);
  // Any event that makes the agent look at its offer.
  const opened = await world.buyer.open({ modelId: agent.modelId, requests: stories(1, 4) });
  const [lot] = await world.buyer.lotsOf(opened.jobId, 1);
  await world.buyer.upload(opened, lot!);
  await eventually(() => agent.status().offer).toBeUndefined();
  expect(await stateOf(offer)).toMatchObject({ cancelled: false });
});

test("a network that is another: wrong-chain; a Market that is none: no-market; nobody there: rpc-unavailable", async () => {
  const { network, engine, store, provider, folder } = world;
  const startOn = (changes: Partial<typeof network>) => {
    const agent = createAgent({
      network: { ...network, ...changes },
      account: provider,
      engine,
      store,
      folder: `${folder}/refused`,
      offer: offerTerms,
    });
    return agent.start();
  };
  await expect(startOn({ chainId: 1337 })).rejects.toMatchObject({ code: "wrong-chain" });
  await expect(startOn({ market: provider.address })).rejects.toMatchObject({ code: "no-market" });
  await expect(startOn({ rpcUrl: "http://127.0.0.1:1" })).rejects.toMatchObject({
    code: "rpc-unavailable",
    retryable: true,
  });
});
