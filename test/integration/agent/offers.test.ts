import {
  developmentAccount,
  marketAbi,
  type Offer,
  offerIdOf,
  parametersAbi,
  parseAmount,
} from "@millrace/protocol";
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
  await world.call(world.provider, "cancelAllOffers", [world.provider.address]);
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

test("a lot worth less than its gas is not on offer, unless the owner says so", async () => {
  const gasCostPerLot = 1_234n;
  const agent = await world.agent({ gasCostPerLot });
  expect(offerOf(agent).minLotValue).toBe(1_234n);
  await agent.close();
  const generous = await world.agent({ gasCostPerLot, offer: { ...offerTerms, minLotValue: 0n } });
  expect(offerOf(generous).minLotValue).toBe(0n);
});

test("a pause of the market: the agent starts without an offer, does its other work, and posts one afterwards", async () => {
  const { network, buyer, provider } = world;
  const former = await world.agent();
  const opened = await buyer.open({
    modelId: former.modelId,
    requests: stories(2, 4),
    fills: [{ offer: offerOf(former), lotItems: [2] }],
  });
  await former.close();
  await world.call(provider, "cancelAllOffers", [provider.address]);
  const guardian = createWalletClient({
    // The guardian of local networks.
    account: developmentAccount(18),
    transport: http(network.rpcUrl),
  });
  const parameters = { abi: parametersAbi, address: network.parameters, chain: null } as const;
  await guardian.writeContract({ ...parameters, functionName: "pause" });
  const agent = await world.agent();
  expect(agent.status().offer).toBeUndefined();
  const [lot] = await buyer.lotsOf(opened.jobId, 1);
  await buyer.upload(opened, lot!);
  await buyer.reaches(lot!.lotId, "submitted");
  await guardian.writeContract({ ...parameters, functionName: "unpause" });
  // Any event that makes the agent look at its offer.
  await buyer.accept([lot!]);
  await eventually(() => agent.status().offer).toBeDefined();
  expect(await stateOf(offerOf(agent))).toMatchObject({ postedBy: provider.address, cancelled: false });
});
