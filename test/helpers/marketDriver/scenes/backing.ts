import { backersAbi, type Lot } from "@millrace/protocol";
import type { Hex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { eventOf, type MarketDriver } from "../marketDriver.ts";
import { accept, type ComputedLot, deliver, fillOf, openJob, postOffer, publishModel } from "../trading.ts";
import type { Scene } from "./scene.ts";

const COMMISSION_BPS = 1_500;
const OWN_PARTS = 4n;
const LONG = 20_000;

async function openPool(market: MarketDriver): Promise<PrivateKeyAccount> {
  const provider = await market.trader();
  await market.send(provider.address, "backers", "openPool", [COMMISSION_BPS]);
  return provider;
}

/** Someone new puts so much into a pool. Returns who, and the shares. */
async function back(
  market: MarketDriver,
  provider: PrivateKeyAccount,
  assets: bigint,
): Promise<{ backer: Hex; shares: bigint }> {
  const { address } = await market.trader();
  const logs = await market.send(address, "backers", "back", [provider.address, assets]);
  return { backer: address, shares: eventOf(logs, backersAbi, "Backed").shares };
}

/** Asks for the worth of shares. Returns the cohort. */
async function exit(
  market: MarketDriver,
  provider: PrivateKeyAccount,
  backer: Hex,
  shares: bigint,
): Promise<number> {
  const logs = await market.send(backer, "backers", "requestExit", [provider.address, shares]);
  return eventOf(logs, backersAbi, "ExitRequested").cohort;
}

const pool: Scene = async (market) => {
  const { random } = market;
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await openPool(market)];
  const first = await back(market, provider, 10n ** 9n + BigInt(random.below(10 ** 6)));
  const second = await back(market, provider, 10n ** 8n);
  const offer = await postOffer(market, provider, { modelId });
  const opened = await openJob(market, { spec, buyer, itemCount: 6, fills: [fillOf(offer, [3, 3])] });
  const [paid, lost] = opened.lots as [Lot, Lot];
  await accept(market, [await deliver(market, opened, paid)]);
  const left = await exit(market, provider, first.backer, first.shares / 3n);
  await demandInVain(market, await deliver(market, opened, lost));

  const later = await exit(market, provider, second.backer, second.shares);
  await market.send(first.backer, "backers", "withdrawExit", [provider.address, left]);
  await market.send(second.backer, "backers", "withdrawExit", [provider.address, later]);
  await market.send(provider.address, "backers", "closePool", []);
  await exit(market, provider, first.backer, first.shares / 3n);
};

/** What a lot locks is all that there is, and a slash takes it. */
const wipedPool: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const buyer = await market.trader();
  const price = 10_000_000n;
  const prices = { promptPricePerMillion: price, outputPricePerMillion: price };
  // No higher, or a penalty that bridges the difference leaves the backers no part.
  const request = { promptLimitPerMillion: price, outputLimitPerMillion: price };
  const trial = await market.trader();
  const like = async (provider: PrivateKeyAccount) => {
    const offer = await postOffer(market, provider, { modelId, ...prices });
    return openJob(market, { spec, buyer, itemCount: 4, fills: [fillOf(offer, [4])], request });
  };
  const { collateral, penalty } = (await like(trial)).lots[0]!;
  const quarter = (collateral + OWN_PARTS - 1n) / OWN_PARTS;
  const backersPart = collateral - (quarter > penalty ? quarter : penalty);

  const provider = await openPool(market);
  await back(market, provider, backersPart - 1_000n);
  await back(market, provider, 1_000n);
  const opened = await like(provider);
  await demandInVain(market, await deliver(market, opened, opened.lots[0]!));
  // A new epoch.
  await back(market, provider, 5_000n);
};

const lateBackedLot: Scene = async (market) => {
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await openPool(market)];
  await back(market, provider, 10n ** 9n);
  const offer = await postOffer(market, provider, { modelId });
  const opened = await openJob(market, { spec, buyer, itemCount: 2, fills: [fillOf(offer, [2])] });
  await market.lapse(LONG);
  await market.send(market.somebody().address, "market", "expire", [opened.lots[0]!]);
};

/** Takes a lot's collateral: its provider shows a receipt to nobody. */
async function demandInVain(market: MarketDriver, { opened, lot }: ComputedLot): Promise<void> {
  await market.send(lot.buyer, "faults", "demandReceipt", [opened.job, lot, 0n]);
  await market.lapse(62);
  await market.send(lot.buyer, "faults", "failDemand", [lot, 0n]);
}

/** Pools that back providers. */
export const backing: Readonly<Record<string, Scene>> = { pool, wipedPool, lateBackedLot };
