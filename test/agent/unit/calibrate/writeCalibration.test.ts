import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ModelInfo } from "@millrace/engine";
import {
  type Calibration,
  cheatKinds,
  referenceSetting,
  type ScoredItem,
} from "@millrace/engine/calibration";
import { decodeModelClass, modelClassOf } from "@millrace/protocol";
import { expect, onTestFinished, test } from "vitest";
import { calibrateCommand } from "../../../../provider-agent/src/calibrate/command.ts";
import {
  calibrationPaths,
  writeCalibration,
} from "../../../../provider-agent/src/calibrate/writeCalibration.ts";

const tolerance = {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0 },
  epsilon: 0.25,
  fingerprint: 0.1,
};

const model: ModelInfo = {
  name: "a<b>",
  path: "/models/a.gguf",
  sha256: `0x${"ab".repeat(32)}`,
  sizeBytes: 1,
  quantization: "Q8_0",
  contextTokens: 512,
  parameters: 2_800_000,
  chatTemplateHash: `0x${"00".repeat(32)}`,
  licence: "unknown",
  architecture: "llama",
};

function scored(id: number, maxGap: number, countedTokens = 160): ScoredItem {
  const score = { countedTokens, gapSum: maxGap, maxGap, fingerprint: 0.01, mismatch: undefined };
  return {
    id,
    kind: countedTokens < 33 ? "short" : "story",
    temperature: 1,
    outputTokens: countedTokens - 1,
    generatedBy: "one",
    scoredBy: "two",
    score,
  };
}

const caught = Array.from({ length: 8 }, (_, id) => scored(id, 5));
const calibration: Calibration = {
  model,
  modelClass: { ...modelClassOf("an engine", tolerance), tolerance },
  runs: [{ setting: referenceSetting, device: "a processor", tokensPerSecond: 1234.5, items: 8 }],
  missing: [{ ...referenceSetting, name: "GPU", gpu: true }],
  fitted: Array.from({ length: 8 }, (_, id) => scored(id, 0.1)),
  heldOut: [scored(1, 0.2), scored(3, 0.4), scored(5, 0.1, 8)],
  cheats: {
    ...(Object.fromEntries(cheatKinds.map((kind) => [kind, caught])) as Calibration["cheats"]),
    "cheap-model": [...caught, scored(9, 0.1, 8), scored(10, 1, 8)],
    "noisy-weights": [],
  },
};

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-calibrate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("class, report and plot lie beside each other, and the class reads back", async () => {
  const paths = calibrationPaths(join(await temporaryFolder(), "a.class.json"));
  expect(Object.values(paths).map((path) => basename(path))).toEqual([
    "a.class.json",
    "a.calibration.md",
    "a.calibration.svg",
  ]);
  await writeCalibration(calibration, paths);
  expect(decodeModelClass(await readFile(paths.modelClass, "utf8"))).toEqual(calibration.modelClass);
  const report = await readFile(paths.report, "utf8");
  expect(report).toContain("](a.calibration.svg)");
  expect(report).toContain("| held out | long outputs | 0.80 | 0.80 | 1 | 0 of 2 | 78 % |");
  expect(report).toContain(
    "where they have no more than 5 | 100 % of 8 (100 %) | 50 % of 2 (50 %) | 100 % of 2 (100 %) | – |",
  );
  expect(report).toMatch(/\| noisy-weights \| [^|]+\| – \| – \| – \| – \|/);
  expect(report).toContain("| 4 to 7 | 2 | 50 % | 50 % |");
  expect(report).toContain("Not on the machine of this calibration: GPU.");
  const plot = await readFile(paths.plot, "utf8");
  expect(plot).toContain("Calibration of a&#60;b&#62;");
  expect(plot.match(/<path fill="none"/g)).toHaveLength(2 + cheatKinds.length);
});

test("a class that is there is not written over unasked", async () => {
  const folder = await temporaryFolder();
  const model = join(folder, "a.gguf");
  await writeFile(model, "GGUF");
  await writeFile(join(folder, "a.class.json"), "mine");
  const calibrating = calibrateCommand({
    model,
    folder,
    replace: false,
    print: () => {},
    onStep: () => {},
    signal: new AbortController().signal,
  });
  await expect(calibrating).rejects.toMatchObject({ code: "class-exists" });
  expect(await readFile(join(folder, "a.class.json"), "utf8")).toBe("mine");
});
