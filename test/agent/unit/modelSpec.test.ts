import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINE_RELEASE } from "@millrace/engine";
import { encodeModelClass, type ModelClass, modelClassOf } from "@millrace/protocol";
import { expect, onTestFinished, test } from "vitest";
import { classPathOf, readModelClass, uncalibratedClass } from "../../../provider-agent/src/modelSpec.ts";

const calibrated = modelClassOf(ENGINE_RELEASE, {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0.05 },
  epsilon: 0.1,
  fingerprint: 0.05,
});

async function modelWith(modelClass: ModelClass | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-class-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "some.q8_0.gguf");
  await copyFile(new URL(import.meta.url), path);
  if (modelClass) await writeFile(join(folder, "some.q8_0.class.json"), encodeModelClass(modelClass));
  return path;
}

test("the class names the release of llama.cpp's binding that the engine pins", async () => {
  const json = await readFile(new URL("../../../engine/package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(json) as { dependencies: Record<string, string> };
  expect(uncalibratedClass.engine).toBe(`node-llama-cpp ${dependencies["node-llama-cpp"]}`);
});

test("a model's class is the one beside its file", async () => {
  expect(await readModelClass(await modelWith(calibrated))).toEqual(calibrated);
});

test("without one it is uncalibrated, and has no tolerance", async () => {
  const modelClass = await readModelClass(await modelWith(undefined));
  expect(modelClass).toEqual(uncalibratedClass);
  expect(modelClass.tolerance).toBeUndefined();
});

test("a class of another release is refused", async () => {
  const other = { ...calibrated, engine: "node-llama-cpp 0.0.1" };
  await expect(readModelClass(await modelWith(other))).rejects.toMatchObject({ code: "other-engine" });
});

test("a class that says something else in other words is refused", async () => {
  const path = await modelWith(undefined);
  await writeFile(classPathOf(path), JSON.stringify(calibrated, null, 2));
  await expect(readModelClass(path)).rejects.toMatchObject({ code: "invalid-class" });
});
