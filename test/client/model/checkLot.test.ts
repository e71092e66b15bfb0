import { createLlamaVerifier } from "@millrace/client/node";
import { ENGINE_RELEASE, type Engine } from "@millrace/engine";
import {
  auditItemAt,
  CERTAIN_RATIO,
  CLEAN_RATIO,
  decodeScore,
  FAULT_RATIO,
  hashText,
  type ItemInput,
  type ItemResult,
  itemsToCheck,
  type Lot,
  modelClassOf,
  ratioOf,
  SCORE_FIELD,
  type Tolerance,
} from "@millrace/protocol";
import { inferItem } from "@millrace/provider-agent";
import { zeroAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CheckPlan, checkLot, claimOf, type LotCheck } from "../../../client/src/check/checkLot.ts";
import { buildInput } from "../../../client/src/input/items.ts";
import { openEngine } from "../../engine/fixture.ts";

/** Of the shipped model, as measured; see docs/proof.md. */
const tolerance: Tolerance = {
  meanGap: 0.009,
  maxGap: { base: 0.4, perDoubling: 0.05 },
  epsilon: 0.5,
  fingerprint: 0.2,
};
const ITEMS = 160;
const seed = hashText("audit seed");
const jobId = hashText("job");

let engine: Engine;
let inputs: ItemInput[];
let honest: ItemResult[];

const lot: Lot = {
  jobId,
  buyer: zeroAddress,
  provider: zeroAddress,
  promptPricePerMillion: 1n,
  outputPricePerMillion: 1n,
  graceEndsAt: 0,
  deadline: 0,
  windowSeconds: 0,
  feeBps: 0,
  bountyBps: 0,
  firstItem: 0,
  itemCount: ITEMS,
  attempt: 0,
  escrow: 0n,
  collateral: 0n,
  penalty: 0n,
  releaseCharge: 0n,
};

beforeAll(async () => {
  engine = await openEngine({ sequences: 8 });
  const animals = ["dog", "cat", "frog", "bird", "fish"];
  const requests = Array.from({ length: ITEMS }, (_, i) => ({
    customId: `item-${i}`,
    request: JSON.stringify({
      messages: [{ role: "user", content: `Tell me a story about a ${animals[i % 5]}, number ${i}.` }],
      temperature: 0.8,
      max_tokens: 24,
    }),
    promptTokensCap: 256,
    outputTokensCap: 24,
  }));
  inputs = buildInput(requests, hashText("job secret")).items;
  const { signal } = new AbortController();
  honest = await Promise.all(
    inputs.map((input, itemIndex) =>
      inferItem(engine, { jobId, itemIndex, input, salt: hashText(`salt ${itemIndex}`), signal }),
    ),
  );
});

afterAll(() => engine?.close());

const check = (results: readonly ItemResult[], plan: CheckPlan = {}): Promise<LotCheck> => {
  const { signal } = new AbortController();
  return checkLot(createLlamaVerifier(engine), {
    ...{ lot, seed, inputs, results, plan, signal },
    tolerance,
    modelId: jobId,
    limits: { promptPricePerMillion: 0n, outputPricePerMillion: 0n },
  });
};

/** Of all positions, so that the changed one is among them. */
const checkAll = (results: readonly ItemResult[]) => check(results, { fraction: 0.01 });

/** The lot with one item changed that is at a position of the audit set. */
const withChange = (position: number, change: (result: ItemResult) => ItemResult) => {
  const index = auditItemAt(seed, ITEMS, position);
  return { index, results: honest.map((result, i) => (i === index ? change(result) : result)) };
};

test("what was computed as agreed is clean, and costs no more scores than the plan says", async () => {
  const plan = { fraction: 0.1, confidence: 0.9 };
  const { fault, ratio, trust, items, statistics } = await check(honest, plan);

  expect({ fault, trust }).toEqual({ fault: undefined, trust: "checked" });
  expect(ratio).toBeLessThan(CLEAN_RATIO);
  expect(items).toBeLessThanOrEqual(itemsToCheck({ ...plan, itemCount: ITEMS }));
  expect(statistics).toMatchObject({ items, mismatches: 0 });
});

test("one edited token is found, and it is the item to be challenged", async () => {
  const { index, results } = withChange(5, (result) => {
    const other = honest.find(({ tokenIds }) => tokenIds[3] !== result.tokenIds[3])!.tokenIds[3]!;
    return { ...result, tokenIds: result.tokenIds.with(3, other) };
  });

  const { fault } = await checkAll(results);

  expect(fault).toMatchObject({ index, position: 5 });
  expect(fault!.ratio).toBeGreaterThanOrEqual(FAULT_RATIO);
});

test.each<[string, (result: ItemResult) => ItemResult]>([
  ["cut short", (result) => ({ ...result, tokenIds: result.tokenIds.slice(0, 8), stopReason: "length" })],
  ["of another prompt", (result) => ({ ...result, promptTokensHash: hashText("another prompt") })],
  ["without a fingerprint", (result) => ({ ...result, fingerprint: "0x" })],
  [
    "that calls a fine request invalid",
    (result) => ({
      ...result,
      stopReason: "invalid-input",
      tokenIds: [],
      promptTokens: 0,
      fingerprint: "0x",
    }),
  ],
])("an answer %s is certainly wrong", async (_, change) => {
  const { index, results } = withChange(2, change);

  const { fault, statistics } = await checkAll(results);

  expect(fault).toMatchObject({ index, ratio: CERTAIN_RATIO });
  expect(statistics.mismatches).toBe(1);
});

test("answers of another seed are found though each is as likely as an honest one", async () => {
  const { signal } = new AbortController();
  const otherJob = hashText("another job");
  const results = await Promise.all(
    inputs.map((input, itemIndex) =>
      inferItem(engine, { jobId: otherJob, itemIndex, input, salt: honest[itemIndex]!.salt, signal }),
    ),
  );

  const { fault, ratio } = await check(results, { fraction: 0.5, confidence: 0.99 });

  expect(fault).toBeDefined();
  expect(ratio).toBeGreaterThan(FAULT_RATIO);
});

test("another provider's agent scores for who lacks the model, and jurors find no fault in that", async () => {
  const { signal } = new AbortController();
  const { index, results } = withChange(1, (result) => ({
    ...result,
    tokenIds: result.tokenIds.with(2, 300),
  }));
  const claim = claimOf(lot, { index, input: inputs[index]!, result: results[index]!, tolerance });
  const body = { model: "m", messages: [{ role: "user", content: "score" }], [SCORE_FIELD]: claim };
  const request = JSON.stringify(body);
  const [item] = buildInput(
    [{ customId: "score", request, promptTokensCap: 512, outputTokensCap: 1 }],
    hashText("scoring job"),
  ).items;

  const answer = await inferItem(engine, {
    jobId,
    itemIndex: 0,
    input: item!,
    salt: hashText("salt"),
    signal,
  });

  const score = decodeScore(answer.text);
  expect(score.countedTokens).toBeGreaterThan(8);
  expect(ratioOf([score], tolerance)).toBeGreaterThan(FAULT_RATIO);
  expect(answer).toMatchObject({ stopReason: "stop", tokenIds: [] });
  const judged = claimOf(lot, { index: 0, input: item!, result: answer, tolerance });
  expect(ratioOf([await engine.score(judged)], tolerance)).toBe(0);
  const lazy = { ...judged, claimed: { ...judged.claimed, promptTokens: 1 } };
  expect(ratioOf([await engine.score(lazy)], tolerance)).toBe(CERTAIN_RATIO);
});

test("the text of an output is its tokens', whatever text was delivered", () => {
  const { textOf } = createLlamaVerifier(engine);
  const { tokenIds, stopReason, text } = honest[0]!;

  expect(textOf!(JSON.parse(inputs[0]!.request), tokenIds, stopReason)).toBe(text);
});

test("a class that calls honest outputs of this machine cheats, or lets cheats pass, is refused", async () => {
  const verifier = createLlamaVerifier(engine);
  const calibrate = (change: Partial<Tolerance>) =>
    verifier.calibrate(modelClassOf(ENGINE_RELEASE, { ...tolerance, ...change }));

  await expect(calibrate({})).resolves.toBeUndefined();
  const lax = { meanGap: 1, maxGap: { base: 10, perDoubling: 2 }, fingerprint: 2 };
  await expect(calibrate(lax)).rejects.toMatchObject({ code: "calibration-fails-here" });
});

test("has its model with the context that it was opened with, and no other", () => {
  const { has } = createLlamaVerifier(engine);
  const { contextTokens, model } = engine;
  expect(has({ weightsHash: model.sha256, contextTokens })).toBe(true);
  expect(has({ weightsHash: model.sha256, contextTokens: contextTokens - 1 })).toBe(false);
  expect(has({ weightsHash: hashText("other weights"), contextTokens })).toBe(false);
});
