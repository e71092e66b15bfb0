import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINE_RELEASE } from "@millrace/engine";
import {
  type Calibration,
  calibrate,
  calibrationItems,
  cheatKinds,
  checkClass,
  evaluate,
  openWorkbench,
  referenceSetting,
} from "@millrace/engine/calibration";
import { dropLayer } from "@millrace/engine/gguf";
import {
  CLEAN_RATIO,
  decodeModelClass,
  encodeModelClass,
  FAULT_RATIO,
  type ModelClass,
  modelClassOf,
  type Tolerance,
} from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installedKernels } from "../../engine/src/calibration/kernels.ts";
import { contextTokens, expectCode, modelPath, openEngine } from "./fixture.ts";

const flashAttention = { ...referenceSetting, name: "flash attention", flashAttention: true };

let folder: string;
let calibration: Calibration;
const steps: string[] = [];

beforeAll(async () => {
  // No file that anybody knows: the shipped model with a layer less.
  folder = await mkdtemp(join(tmpdir(), "millrace-calibration-"));
  const path = join(folder, "unknown.gguf");
  await dropLayer(modelPath, path, 4);
  calibration = await calibrate({
    modelPath: path,
    items: 20,
    cheatItems: 16,
    msPerItem: Number.POSITIVE_INFINITY,
    settings: [referenceSetting, flashAttention, { ...referenceSetting, name: "no such", kernel: "no-such" }],
    onStep: (step) => steps.push(step),
  });
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a model that nobody has seen gets a class that holds on what it was not fitted to", () => {
  const { modelClass, heldOut, fitted, runs, missing } = calibration;
  expect(decodeModelClass(encodeModelClass(modelClass))).toEqual(modelClass);
  expect(modelClass.engine).toBe(ENGINE_RELEASE);
  expect(runs.map(({ setting, items }) => [setting.name, items])).toEqual([
    [referenceSetting.name, 20],
    ["flash attention", 20],
  ]);
  expect(missing.map(({ name }) => name)).toEqual(["no such"]);
  // Ten of each run, seen by the reference; those of the reference by the other setting too.
  expect([fitted.length, heldOut.length]).toEqual([30, 30]);
  const { long, short } = evaluate(heldOut, modelClass.tolerance);
  expect(long.sets + short.sets).toBe(30);
  expect(Math.max(long.worstRatio, short.worstRatio)).toBeLessThan(FAULT_RATIO);
  expect(steps.length).toBeGreaterThan(cheatKinds.length);
});

test("honest machines do differ, or the calibration measured nothing", () => {
  const differing = calibration.fitted.filter(({ generatedBy, scoredBy }) => generatedBy !== scoredBy);
  expect(differing.some(({ score }) => score.maxGap > 0)).toBe(true);
  expect(differing.every(({ score }) => (score.fingerprint ?? 0) > 0)).toBe(true);
});

test.each(cheatKinds)("%s stands out of four outputs", (kind) => {
  const { cheats, modelClass } = calibration;
  // A fine-tune does not show in outputs of a few tokens.
  const items = cheats[kind].filter((item) => item.kind !== "short");
  const { pooled } = evaluate(items, modelClass.tolerance);
  expect(pooled.sets).toBeGreaterThan(1);
  expect(pooled.faults).toBe(pooled.sets);
});

test("a CPU kernel can be chosen, and its outputs are its own", async () => {
  const kernels = await installedKernels();
  const kernel = kernels.includes("x64") ? "x64" : kernels[0]!;
  const items = calibrationItems({ count: 6, contextTokens, kinds: ["story"], temperature: 1 });
  const setting = { ...referenceSetting, name: kernel, kernel };
  await using plain = (await openWorkbench({ modelPath, setting }))!;
  await using usual = (await openWorkbench({ modelPath, setting: referenceSetting }))!;
  expect(plain.device).toContain(`(${kernel})`);
  expect(usual.device).not.toContain(`(${kernel})`);
  const claims = await plain.generate(items);
  const own = await plain.score(claims, { epsilon: 0.25 });
  const others = await usual.score(claims, { epsilon: 0.25 });
  expect(others).not.toEqual(own);
  const total = (scores: typeof own) => scores.reduce((sum, { fingerprint }) => sum + fingerprint!, 0);
  expect(total(others)).toBeGreaterThan(2 * total(own));
});

test("a workbench ends with its signal", async () => {
  const stopping = new AbortController();
  await using workbench = (await openWorkbench({
    modelPath,
    setting: referenceSetting,
    signal: stopping.signal,
  }))!;
  const generating = workbench.generate(calibrationItems({ count: 400, contextTokens }));
  stopping.abort();
  await expectCode(generating, "aborted");
});

test("the shipped model's class holds on this machine", async () => {
  const modelClass = await shippedClass();
  await using engine = await openEngine();
  const { honestRatio, tamperedRatio } = await checkClass(engine, modelClass);
  expect(honestRatio).toBeLessThanOrEqual(CLEAN_RATIO);
  expect(tamperedRatio).toBeGreaterThanOrEqual(FAULT_RATIO);
});

test("a class that would slash the honest, free cheats or say nothing is refused", async () => {
  const { tolerance } = await shippedClass();
  await using engine = await openEngine();
  const scaled = (factor: number): ModelClass =>
    modelClassOf(ENGINE_RELEASE, {
      meanGap: tolerance.meanGap * factor,
      maxGap: { base: tolerance.maxGap.base * factor, perDoubling: tolerance.maxGap.perDoubling * factor },
      epsilon: tolerance.epsilon,
      fingerprint: tolerance.fingerprint * factor,
    });
  for (const modelClass of [
    scaled(1e-3),
    scaled(1e3),
    modelClassOf(ENGINE_RELEASE),
    modelClassOf("another engine", tolerance),
  ]) {
    await expectCode(checkClass(engine, modelClass), "calibration-fails-here");
  }
});

test("an engine that computes something else than it says fails its own check", async () => {
  const modelClass = await shippedClass();
  await using engine = await openEngine();
  const dishonest = {
    contextTokens,
    infer: (...[request, options]: Parameters<typeof engine.infer>) =>
      engine.infer({ ...request, temperature: 0 }, options),
    score: engine.score,
  };
  await expectCode(checkClass(dishonest, modelClass), "calibration-fails-here");
});

/** As it lies beside the model. */
async function shippedClass(): Promise<ModelClass & { tolerance: Tolerance }> {
  const { tolerance, ...rest } = decodeModelClass(
    await readFile(modelPath.replace(/\.gguf$/, ".class.json"), "utf8"),
  );
  if (!tolerance) throw new Error("the shipped model is not calibrated");
  return { ...rest, tolerance };
}
