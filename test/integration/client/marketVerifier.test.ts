import type { BatchEvent, Millrace, Verifier } from "@millrace/client";
import { expect, onTestFinished, test } from "vitest";
import { batchFile, openMarket, prompts, providerAccounts, type TestMarket } from "./fixture.ts";
import { TestJury } from "./testJury.ts";
import { classText, judgedModel } from "./testModel.ts";
import type { Misdeed } from "./testProvider.ts";

const ACTIVATION_SECONDS = 2;
const [seller, ...scorers] = providerAccounts.map(({ address }) => address);

/** A market of three providers, of which the first is the cheapest; the others can score. */
async function openThree(misdeeds: (Misdeed | undefined)[]): Promise<TestMarket> {
  const market = await openMarket({
    model: judgedModel,
    courtParameters: { activationSeconds: ACTIVATION_SECONDS, phaseSeconds: 300 },
    marketParameters: { windowSeconds: 600 },
  });
  for (const [i, misdeed] of misdeeds.entries()) {
    await market.provider(i, {
      claims: i > 0,
      offer: { outputPricePerMillion: 300_000n + 100_000n * BigInt(i) },
      ...(misdeed && { misdeed }),
    });
  }
  return market;
}

const tooFew = expect.objectContaining({
  type: "warning",
  error: expect.objectContaining({ code: "too-few-verifiers" }),
});

async function run(
  client: Millrace,
  {
    verifier = client.marketVerifier(),
    ...options
  }: { verifier?: Verifier; outputLimitPerMillion?: bigint; forceNew?: boolean } = {},
) {
  const events: BatchEvent[] = [];
  const result = await client.batches.run({
    input: batchFile(prompts(12)),
    lotItems: 12,
    openingShare: 1,
    ...options,
    check: { verifiers: [verifier], classes: [classText] },
    onProgress: (event) => events.push(event),
  });
  return { result, events };
}

test("two other providers find what one has computed otherwise, and jurors decide", async () => {
  const market = await openThree(["other-answers", undefined, undefined]);
  const { network } = market;
  const jury = await TestJury.seat({ network, model: judgedModel, activationSeconds: ACTIVATION_SECONDS });
  onTestFinished(() => jury[Symbol.asyncDispose]());
  const client = market.client();

  const { result, events } = await run(client);

  expect(events).toContainEqual(
    expect.objectContaining({ type: "checking", trust: "checked by another provider" }),
  );
  expect(events).toContainEqual(expect.objectContaining({ type: "lot-faulty", provider: seller }));
  expect(events).toContainEqual(expect.objectContaining({ type: "case-concluded", verdict: "fault" }));
  expect(result.items).toEqual({ total: 12, completed: 12, failed: 0 });
  expect(scorers).toContain(result.settlement.providers[0]!.address);
  // Of those who could score the second one's answers, one is avoided now.
  expect(result.trust).toEqual({ "objective faults only": 12 });
});

test("who says that all is right is found by traps, and one opinion alone is none", async () => {
  const market = await openThree([undefined, undefined, "lazy-scores"]);
  const client = market.client();

  const { result, events } = await run(client);

  expect(events).toContainEqual(tooFew);
  expect(result.trust).toEqual({ "objective faults only": 12 });
  expect(result.settlement.providers).toEqual([expect.objectContaining({ address: seller, items: 12 })]);
});

test("two who agree are enough to trust a lot that far", async () => {
  const market = await openThree([undefined, undefined, undefined]);
  const client = market.client();

  const { result } = await run(client);

  expect(result.trust).toEqual({ "checked by another provider": 12 });
  // The orders of scores are batches, too, but none of the buyer's.
  expect(await client.batches.list()).toHaveLength(1);
  const all = await client.batches.list({ withScores: true });
  expect(all.map(({ purpose }) => purpose)).toEqual(["scores", "scores", undefined]);
});

test("nobody is asked who is dearer than the batch may be", async () => {
  const market = await openThree([undefined, undefined, undefined]);
  const client = market.client();

  const { result, events } = await run(client, { outputLimitPerMillion: 400_000n });

  expect(events).toContainEqual(tooFew);
  expect(result.trust).toEqual({ "objective faults only": 12 });
  expect(await client.batches.list({ withScores: true })).toHaveLength(2);

  // Unless more is allowed for it.
  const verifier = client.marketVerifier({ pricePercent: 125 });
  const again = await run(client, { outputLimitPerMillion: 400_000n, verifier });
  expect(again.result.trust).toEqual({ "checked by another provider": 12 });
});

test("no more is paid for scores than they may cost", async () => {
  const market = await openThree([undefined, undefined, undefined]);
  const client = market.client();
  const { free: before } = await client.account.balance();

  const { result, events } = await run(client, { verifier: client.marketVerifier({ maxCost: 1n }) });

  expect(events).toContainEqual(tooFew);
  expect(result.trust).toEqual({ "objective faults only": 12 });
  const { paid, fee } = result.settlement;
  expect((await client.account.balance()).free).toBe(before - paid - fee);

  // An order reserves 48 and spends 28: what it leaves is there for the next.
  const spent: bigint[] = [];
  const verifier = client.marketVerifier({ maxCost: 140n });
  for (let i = 0; i < 2; i++) {
    const again = await run(client, { verifier, forceNew: true });
    expect(again.result.trust).toEqual({ "checked by another provider": 12 });
  }
  for (const { batchId, purpose } of await client.batches.list({ withScores: true })) {
    const { settlement } = await client.batches.retrieve({ batchId });
    if (purpose) spent.push(settlement.paid + settlement.fee);
  }
  expect(spent).toHaveLength(4);
  expect(spent.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(140n);
});
