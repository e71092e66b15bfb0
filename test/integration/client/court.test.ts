import type { BatchEvent, BatchResult, CheckOptions, Millrace } from "@millrace/client";
import { CLEAN_RATIO, voteOf } from "@millrace/protocol";
import { describe, expect, onTestFinished, test } from "vitest";
import { batchFile, openMarket, prompts, providerAccounts, readOutput, type TestMarket } from "./fixture.ts";
import { type Opinion, type SeatJuryOptions, TestJury } from "./testJury.ts";
import { classText, judgedModel, testVerifier } from "./testModel.ts";

const ACTIVATION_SECONDS = 2;
const PHASE_SECONDS = 300;
const [cheat, honest] = providerAccounts.map(({ address }) => address);

/** A market whose model has jurors, a provider that computes one item otherwise and is the cheaper one, and an honest one. */
async function openCourt(jury: Partial<SeatJuryOptions> = {}): Promise<TestMarket> {
  const market = await openMarket({
    model: judgedModel,
    courtParameters: { activationSeconds: ACTIVATION_SECONDS, phaseSeconds: PHASE_SECONDS },
    marketParameters: { windowSeconds: 600 },
  });
  if (jury.seats !== 0) {
    const { network } = market;
    const seated = await TestJury.seat({
      network,
      model: judgedModel,
      activationSeconds: ACTIVATION_SECONDS,
      ...jury,
    });
    onTestFinished(() => seated[Symbol.asyncDispose]());
  }
  await market.provider(0, { misdeed: "other-answer", offer: { outputPricePerMillion: 300_000n } });
  await market.provider(1, { claims: true, offers: false });
  return market;
}

interface Run {
  result: BatchResult;
  events: BatchEvent[];
}

/** Runs a batch of eight requests to its end, or until `until` happens. */
async function run(
  client: Millrace,
  options: { check?: Partial<CheckOptions>; until?: BatchEvent["type"]; batchId?: string } = {},
): Promise<Run> {
  const events: BatchEvent[] = [];
  const stop = new AbortController();
  const { check, until, batchId } = options;
  const result = await client.batches.run({
    ...(batchId === undefined ? { input: batchFile(prompts(8)) } : { batchId }),
    check: { verifiers: [testVerifier()], classes: [classText], ...check },
    signal: stop.signal,
    onProgress: (event) => {
      if (event.type === until) stop.abort();
      events.push(event);
    },
  });
  return { result, events };
}

const find = <T extends BatchEvent["type"]>(events: readonly BatchEvent[], type: T) =>
  events.find((event): event is Extract<BatchEvent, { type: T }> => event.type === type);

describe("a provider that computes one item otherwise", () => {
  test("is taken to court, slashed, replaced and avoided", async () => {
    const market = await openCourt();
    const client = market.client();
    const before = await client.account.balance();

    const { result, events } = await run(client);

    expect(find(events, "lot-faulty")).toMatchObject({ item: 2, provider: cheat });
    expect(find(events, "verdict")).toMatchObject({ verdict: "fault", round: 0 });
    expect(find(events, "lot-reopened")).toMatchObject({ cause: "slashed", provider: cheat });
    const { settlement, trust } = result;
    expect(trust).toEqual({ checked: 8 });
    expect(settlement.providers).toEqual([expect.objectContaining({ address: honest, items: 8 })]);
    // All bonds came back, and compensation came on top.
    expect(settlement.bonds.staked).toBeGreaterThan(0n);
    expect(settlement.bonds.returned).toBe(settlement.bonds.staked);
    expect(settlement.compensation).toBeGreaterThan(0n);
    const after = await client.account.balance();
    expect(after.free - before.free).toBe(settlement.compensation - settlement.paid - settlement.fee);
    const output = await readOutput(client, result.batchId);
    expect(output.map(({ response }) => response?.body.choices[0]?.message.content)).toEqual(
      prompts(8).map((prompt) => prompt.toUpperCase()),
    );
    const [only, ...others] = await client.cases.list();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ provider: cheat, phase: "concluded", ending: { verdict: "fault" } });
    // Theirs was the only offer.
    await expect(client.quote({ input: batchFile(prompts(8)) })).rejects.toMatchObject({ code: "no-offers" });
  });

  test.for<BatchEvent["type"]>(["case-opened", "jury-drawn", "verdict"])(
    "does not gain by the client being killed at: %s",
    async (until) => {
      const market = await openCourt();
      const killed = await run(market.client(), { until }).catch((error: unknown) => error);
      expect(killed).toMatchObject({ name: "AbortError" });
      const [batch] = await market.client().batches.list();

      const { result, events } = await run(market.client(), { batchId: batch!.batchId });

      expect(find(events, "case-concluded")).toMatchObject({ verdict: "fault" });
      expect(result.items).toEqual({ total: 8, completed: 8, failed: 0 });
      expect(result.settlement.providers).toEqual([expect.objectContaining({ address: honest })]);
      expect(result.settlement.bonds.returned).toBe(result.settlement.bonds.staked);
    },
  );

  test("is paid if the jury finds no fault, which costs the bond", async () => {
    const market = await openCourt({ vote: () => voteOf(CLEAN_RATIO / 2) });

    const { result, events } = await run(market.client());

    expect(find(events, "case-concluded")).toMatchObject({ verdict: "rejected", returned: 0n });
    expect(result.settlement.providers).toEqual([expect.objectContaining({ address: cheat, items: 8 })]);
    expect(result.settlement.bonds.returned).toBe(0n);
    expect(result.items.completed).toBe(8);
  });

  test("is convicted on appeal where the first jury was wrong", async () => {
    const wrongAtFirst: Opinion = (shown, round) => (round === 0 ? voteOf(CLEAN_RATIO / 2) : shown);
    const market = await openCourt({ seats: 16, vote: wrongAtFirst, lastRound: 1 });

    const { result, events } = await run(market.client(), { check: { appeals: 1 } });

    const verdicts = events.flatMap((event) => (event.type === "verdict" ? [event.verdict] : []));
    expect(verdicts).toEqual(["rejected", "fault"]);
    expect(find(events, "case-appealed")).toMatchObject({ round: 1 });
    expect(result.settlement.bonds.returned).toBe(result.settlement.bonds.staked);
    expect(result.settlement.providers).toEqual([expect.objectContaining({ address: honest })]);
  });

  test.for<[string, { seats?: number }, Partial<CheckOptions>]>([
    ["its model has no jurors", { seats: 0 }, {}],
    ["the bond is above what may be staked", {}, { maxBonds: 1n }],
  ])("is not paid either where the court cannot be asked, as %s", async ([, jury, check]) => {
    const market = await openCourt(jury);
    const client = market.client();

    const { result, events } = await run(client, { check });

    expect(find(events, "challenge-impossible")).toMatchObject({ provider: cheat });
    expect(result.settlement.paid).toBe(0n);
    expect(result.settlement.bonds.staked).toBe(0n);
    expect(result.trust).toEqual({});
    const output = await readOutput(client, result.batchId);
    expect(output.map(({ error }) => error?.code)).toEqual(Array(8).fill("wrong-computation"));
  });
});

test("an honest provider is paid at once, and without a class there is nothing to judge by", async () => {
  const market = await openMarket({ model: judgedModel });
  await market.provider(0);
  const verifier = testVerifier();
  const client = market.client();

  const first = await run(client, { check: { verifiers: [verifier] } });
  const second = await run(client, { check: { verifiers: [verifier], classes: [] } });

  expect(first.result.trust).toEqual({ checked: 8 });
  expect(verifier.scored).toBe(8);
  expect(second.result.trust).toEqual({ "objective faults only": 8 });
  expect(find(second.events, "checking")).toMatchObject({
    trust: "objective faults only",
    reason: "nobody shows the class of upper-case",
  });
  expect(second.result.settlement.providers).toHaveLength(1);
});
