import { marketAbi } from "@millrace/protocol";
import { eventOf } from "../marketDriver.ts";
import {
  accept,
  claim,
  compute,
  deliver,
  fillOf,
  openJob,
  postOffer,
  publishModel,
  settle,
  submit,
} from "../trading.ts";
import type { Scene } from "./scene.ts";

const WINDOW_SECONDS = 600;
const LONG = 20_000;

/** Lots of two providers, some accepted by the buyer, the rest settled by anyone. */
const paidJob: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const [buyer, ...providers] = [await market.trader(), await market.trader(), await market.trader()];
  const fills = [];
  for (const provider of providers) {
    const sizes = Array.from({ length: 2 + market.random.below(3) }, () => 1 + market.random.below(4));
    fills.push(fillOf(await postOffer(market, provider, { modelId }), sizes));
  }
  const itemCount = fills.flatMap(({ lotItems }) => lotItems).reduce((sum, items) => sum + items);
  const opened = await openJob(market, { spec, buyer, itemCount, fills });
  const computed = opened.lots.map((lot) => compute(market, opened, lot));
  for (const { address } of providers) {
    await submit(
      market,
      computed.filter(({ lot }) => lot.provider === address),
    );
  }
  const half = Math.ceil(computed.length / 2);
  await accept(market, computed.slice(0, half));
  await market.lapse(WINDOW_SECONDS + 1);
  // The first is paid already, and skipped.
  await settle(market, [computed[0]!, ...computed.slice(half)]);
};

/** A bid that is claimed in parts; its lots are released, claimed again, expired, topped up and withdrawn. */
const bids: Scene = async (market) => {
  const { spec } = await publishModel(market);
  const [buyer, provider, other] = [await market.trader(), await market.trader(), await market.trader()];
  const opened = await openJob(market, { spec, buyer, itemCount: 20 });
  const released = await claim(market, opened, { provider, items: 3 });
  await market.lapse(market.random.below(40));
  await market.send(provider.address, "market", "release", [released]);
  const late = await claim(market, opened, { provider, items: 4 });
  const done = await claim(market, opened, { provider: other, items: 2 });
  const paid = await deliver(market, opened, done);

  const again = [other.address, opened.job, released, market.word()] as const;
  const logs = await market.send(other.address, "market", "claimReopened", again);
  const second = eventOf(logs, marketAbi, "LotAssigned").lot;
  await accept(market, [paid, await deliver(market, opened, second)]);

  await market.lapse(LONG);
  const hunter = market.somebody().address;
  await market.send(hunter, "market", "expire", [late]);
  const { promptLimitPerMillion, outputLimitPerMillion } = opened.job.request;
  const raised = [promptLimitPerMillion + 1_000_000n, outputLimitPerMillion] as const;
  await market.send(buyer.address, "market", "topUp", [opened.job, ...raised, [late, second]]);
  const request = { ...opened.job.request, promptLimitPerMillion: raised[0] };
  // One of them is open, the other is over.
  await market.send(buyer.address, "market", "close", [{ ...opened.job, request }, [late, second]]);
};

const withdrawnBid: Scene = async (market) => {
  const { spec } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await market.trader()];
  const opened = await openJob(market, { spec, buyer, itemCount: 9 });
  await claim(market, opened, { provider, items: 1 + market.random.below(5) });
  await market.send(buyer.address, "market", "cancelRemainder", [opened.job]);
};

/** A lot that two providers fail, and the third delivers. */
const thirdAttempt: Scene = async (market) => {
  const { spec } = await publishModel(market);
  const buyer = await market.trader();
  const opened = await openJob(market, { spec, buyer, itemCount: 5 });
  let lot = await claim(market, opened, { provider: await market.trader(), items: 5 });
  for (const isLate of [market.random.happens(0.5), market.random.happens(0.5)]) {
    if (isLate) {
      await market.lapse(LONG);
      await market.send(market.somebody().address, "market", "expire", [lot]);
    } else {
      await market.send(lot.provider, "market", "release", [lot]);
    }
    const { address } = await market.trader();
    const args = [address, opened.job, lot, market.word()] as const;
    lot = eventOf(await market.send(address, "market", "claimReopened", args), marketAbi, "LotAssigned").lot;
  }
  const computed = await deliver(market, opened, lot);
  await market.lapse(WINDOW_SECONDS + 1);
  await settle(market, [computed]);
};

/** Jobs and lots, from opening to pay. */
export const trade: Readonly<Record<string, Scene>> = { paidJob, bids, withdrawnBid, thirdAttempt };
