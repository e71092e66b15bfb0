import type { BatchEvent, BatchResult, Millrace, RunBatchOptions } from "@millrace/client";
import { expect, onTestFinished, test } from "vitest";
import { passTime } from "./chain.ts";
import { batchFile, openMarket, prompts, readOutput, type TestMarket } from "./fixture.ts";
import { TestJury } from "./testJury.ts";
import { classText, judgedModel, testVerifier } from "./testModel.ts";

const ACTIVATION_SECONDS = 2;
const PHASE_SECONDS = 10;

/** A market whose model has jurors, a cheat that is cheaper, and an honest provider that takes what it loses. */
async function openCourt(options: { vote?: (shown: number) => number } = {}): Promise<TestMarket> {
  const market = await openMarket({
    model: judgedModel,
    courtParameters: { activationSeconds: ACTIVATION_SECONDS, phaseSeconds: PHASE_SECONDS },
    marketParameters: { windowSeconds: 600 },
  });
  const { network } = market;
  const jury = await TestJury.seat({
    network,
    model: judgedModel,
    activationSeconds: ACTIVATION_SECONDS,
    ...options,
  });
  onTestFinished(() => jury[Symbol.asyncDispose]());
  return market;
}

/** Runs a batch to its end; where a phase only has to pass, it does. */
async function runChecked(
  market: TestMarket,
  client: Millrace,
  options: RunBatchOptions & { check?: RunBatchOptions["check"] },
): Promise<{ result: BatchResult; events: BatchEvent[] }> {
  const events: BatchEvent[] = [];
  const result = await client.batches.run({
    check: { verifiers: [testVerifier()], classes: [classText] },
    ...options,
    onProgress: (event) => {
      events.push(event);
      // The provider does not answer; nobody appeals.
      if (event.type === "case-opened" || event.type === "verdict") {
        void passTime(market.network, PHASE_SECONDS + 1);
      }
    },
  });
  return { result, events };
}

const typesOf = (events: readonly BatchEvent[]) => events.map(({ type }) => type);

test("a provider that computes one item otherwise is taken to court, slashed and replaced", async () => {
  const market = await openCourt();
  await market.provider(0, { misdeed: "other-answer", offer: { outputPricePerMillion: 300_000n } });
  await market.provider(1, { claims: true, offers: false });
  const client = market.client();
  const before = await client.account.balance();

  const { result, events } = await runChecked(market, client, { input: batchFile(prompts(8)) });

  expect(events).toContainEqual(expect.objectContaining({ type: "lot-faulty", item: 2 }));
  expect(events).toContainEqual(expect.objectContaining({ type: "verdict", verdict: "fault", round: 0 }));
  expect(typesOf(events)).toContain("lot-reopened");
  const { settlement } = result;
  expect(settlement.providers.map(({ address }) => address)).toHaveLength(1);
  expect(settlement.compensation).toBeGreaterThan(0n);
  // Bonds are back: what left the account was paid for work, and compensation came on top.
  const after = await client.account.balance();
  expect(after.free - before.free).toBe(settlement.compensation - settlement.paid - settlement.fee);
  const output = await readOutput(client, result.batchId);
  expect(output.map(({ response }) => response?.body.choices[0]?.message.content)).toEqual(
    prompts(8).map((prompt) => prompt.toUpperCase()),
  );
});
