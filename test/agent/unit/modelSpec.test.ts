import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { classHashOf, engineClassOf } from "../../../provider-agent/src/modelSpec.ts";

test("the engine class names the release of llama.cpp's binding that the engine pins", async () => {
  const json = await readFile(new URL("../../../engine/package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(json) as { dependencies: Record<string, string> };
  const version = dependencies["node-llama-cpp"];
  expect(engineClassOf({ flashAttention: "auto" })).toContain(`engine: node-llama-cpp ${version}\n`);
});

test("what moves logits makes another class", () => {
  expect(classHashOf({ flashAttention: "auto" })).not.toBe(classHashOf({ flashAttention: false }));
});
