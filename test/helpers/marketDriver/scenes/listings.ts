import { marketAbi } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { fillOf, offerOf, openJob, postOffer, publishModel, signedFill } from "../trading.ts";
import type { Scene } from "./scene.ts";

const attestModels: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const attester = market.somebody().address;
  const kinds = ["calibration", "evaluation", "licence"] as const;
  for (const kind of kinds) {
    const attestation = {
      kind,
      contentHash: market.word(),
      uri: `https://example.com/${kind}`,
      summary: kind,
    };
    await market.send(attester, "modelRegistry", "attest", [modelId, attestation]);
  }
  await market.send(attester, "modelRegistry", "revoke", [modelId, kinds[market.random.below(3)]!]);
  // Said again, by somebody else.
  await market.send(attester, "modelRegistry", "publish", [spec]);
};

/** One of each that a fill can meet: posted, signed, cancelled, expired, of an older epoch, used up. */
const offers: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider, other] = [await market.trader(), await market.trader(), await market.trader()];
  const now = await market.now();
  const cancelled = await postOffer(market, provider, { modelId });
  const expired = await postOffer(market, provider, { modelId, validUntil: now + 10 });
  const old = await postOffer(market, other, { modelId });
  const small = await postOffer(market, provider, { modelId, capacityItems: 3 });
  const signed = await signedFill(market, provider, {
    offer: await offerOf(market, provider, { modelId }),
    lotItems: [2, 2],
  });
  // Never posted, and void all the same.
  const void_ = await offerOf(market, provider, { modelId });
  await market.send(provider.address, "market", "cancelOffer", [cancelled]);
  await market.send(provider.address, "market", "cancelOffer", [void_]);
  await market.send(other.address, "market", "cancelAllOffers", [other.address]);
  const renewed = await postOffer(market, other, { modelId, epoch: 1 });
  const foreign = await postOffer(market, other, { modelId: market.word(), epoch: 1 });
  await market.lapse(20);
  const fills = [
    ...[cancelled, expired, old, foreign].map((offer) => fillOf(offer, [1])),
    fillOf(small, [3, 1]),
    signed,
    fillOf(renewed, [4]),
  ];
  await openJob(market, { spec, buyer, itemCount: 12, fills });
};

const manyInOneBlock: Scene = async (market) => {
  const { modelId } = await publishModel(market);
  const calls = [];
  for (let i = 0; i < 5; i++) {
    const provider = await market.trader();
    const post = async () =>
      encodeFunctionData({
        abi: marketAbi,
        functionName: "postOffer",
        args: [await offerOf(market, provider, { modelId, validUntil: (await market.now()) + 86_400 })],
      });
    const args = [[await post(), await post()]] as const;
    const data = encodeFunctionData({ abi: marketAbi, functionName: "multicall", args });
    calls.push({ from: provider.address, contract: "market" as const, data });
  }
  await market.sendTogether(calls);
};

const moveMoney: Scene = async (market) => {
  const { address } = await market.trader();
  const other = market.somebody().address;
  await market.send(address, "market", "deposit", [other, BigInt(1 + market.random.below(10 ** 6))]);
  await market.send(address, "market", "withdraw", [other, BigInt(1 + market.random.below(10 ** 6))]);
  await market.send(address, "market", "withdraw", [address, 1n]);
};

const operators: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await market.trader()];
  const [hot, spender] = [market.somebody(), market.somebody()];
  await market.send(provider.address, "market", "setProviderOperator", [hot.address, 10n ** 9n]);
  await market.send(buyer.address, "market", "setBuyerOperator", [spender.address, 10n ** 9n, 86_400]);
  const offer = await offerOf(market, provider, { modelId });
  await market.send(hot.address, "market", "postOffer", [offer]);
  await openJob(market, { spec, buyer, by: spender, itemCount: 2, fills: [fillOf(offer, [2])] });
  await market.send(provider.address, "market", "setProviderOperator", [hot.address, 0n]);
  await market.send(buyer.address, "market", "setBuyerOperator", [spender.address, 0n, 0]);
};

/** What is announced and allowed. */
export const listings: Readonly<Record<string, Scene>> = {
  attestModels,
  offers,
  manyInOneBlock,
  moveMoney,
  operators,
};
