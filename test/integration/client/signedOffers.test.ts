import { developmentAccount, marketAbi } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import { send } from "./chain.ts";
import { batchFile, openMarket, prompts, providerAccounts } from "./fixture.ts";

const operator = developmentAccount(7);
const input = batchFile(prompts(10));

describe("offers that were only signed", () => {
  test("are taken like posted ones, and are not listed", async () => {
    const market = await openMarket();
    const provider = await market.provider(0, { offers: false });
    const client = market.client();
    const signed = await provider.signOffer();

    expect(await client.offers.list()).toEqual([]);
    await expect(client.quote({ input })).rejects.toMatchObject({ code: "no-offers" });
    const { items, settlement } = await client.batches.run({ input, signedOffers: [signed] });

    expect(items).toEqual({ total: 10, completed: 10, failed: 0 });
    expect(settlement.providers).toMatchObject([{ address: providerAccounts[0]!.address, items: 10 }]);
  });

  test("have no more room than is left of them", async () => {
    const market = await openMarket();
    const provider = await market.provider(0, { offers: false });
    const client = market.client();
    const signed = await provider.signOffer({ capacityItems: 14 });
    await client.batches.run({ input, signedOffers: [signed] });

    const [job] = (await client.quote({ input, signedOffers: [signed] })).jobs;

    expect(job!.offers[0]!.itemsLeft).toBe(4);
  });

  test("may be signed by an operator of the provider, while they are one", async () => {
    const market = await openMarket();
    const provider = await market.provider(0, { offers: false });
    const client = market.client();
    const signed = await provider.signOffer({}, operator);
    const allow = (cap: bigint) =>
      send(market.network, providerAccounts[0]!, {
        abi: marketAbi,
        address: market.network.market,
        functionName: "setProviderOperator",
        args: [operator.address, cap],
      });

    await expect(client.quote({ input, signedOffers: [signed] })).rejects.toMatchObject({
      code: "no-offers",
    });
    await allow(10n ** 12n);
    expect((await client.quote({ input, signedOffers: [signed] })).jobs[0]!.offers).toHaveLength(1);
    await allow(0n);
    await expect(client.quote({ input, signedOffers: [signed] })).rejects.toMatchObject({
      code: "no-offers",
    });
  });

  test.for(["another field", "another signer", "expired", "another epoch", "cancelled"] as const)(
    "are left out when they cannot be taken: %s",
    async (flaw) => {
      const market = await openMarket();
      const provider = await market.provider(0, { offers: false });
      const right = await provider.signOffer();
      const flawed = async () => {
        switch (flaw) {
          case "another field":
            return { ...right, offer: { ...right.offer, outputPricePerMillion: 1n } };
          case "another signer":
            return provider.signOffer({}, operator);
          case "expired":
            return provider.signOffer({ validUntil: 1 });
          case "another epoch":
            return provider.signOffer({ epoch: 1 });
          case "cancelled": {
            await send(market.network, providerAccounts[0]!, {
              abi: marketAbi,
              address: market.network.market,
              functionName: "cancelOffer",
              args: [right.offer],
            });
            return right;
          }
        }
      };

      const quote = market.client().quote({ input, signedOffers: [await flawed()] });

      await expect(quote).rejects.toMatchObject({ code: "no-offers" });
    },
  );
});
