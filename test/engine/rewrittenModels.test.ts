import { join } from "node:path";
import { addNoise, dropLayer, requantize } from "@millrace/engine/gguf";
import { expect, test } from "vitest";
import { ask, modelPath, openEngine, temporaryFolder } from "./fixture.ts";

const question = ask("Is this review positive or negative? I love this book.", { max_tokens: 4 });
const story = ask("Tell me a story about a dog.", { max_tokens: 60 });

test.each([
  ["F16", (to: string) => requantize(modelPath, to, "F16"), true],
  ["Q4_0", (to: string) => requantize(modelPath, to, "Q4_0"), false],
  ["noisy", (to: string) => addNoise(modelPath, to, { relative: 0.02 }), false],
  ["shortened", (to: string) => dropLayer(modelPath, to, 3), false],
] as const)("llama.cpp runs a %s copy of the model", async (name, write, isTheSame) => {
  const path = join(await temporaryFolder(), `${name}.gguf`);
  await write(path);
  await using original = await openEngine();
  await using rewritten = await openEngine({ modelPath: path });
  const [before, after] = [await original.infer(story), await rewritten.infer(story)];
  expect(before.text === after.text).toBe(isTheSame);
  // A model that was written wrongly babbles.
  if (name !== "shortened") expect((await rewritten.infer(question)).text).toBe("positive");
});
