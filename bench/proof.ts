/**
 * What the proof of inference finds, whom it wrongs, and what it costs: honest items over all settings of the
 * calibration, every kind of cheat, and times on a model of 115 million random parameters, each beside what it is
 * compared to.
 *
 *   npm run bench:proof [-- --json] [--items 4000] [--cheat-items 240] [--rounds 3] [--model FILE]
 */
import { readFile } from "node:fs/promises";
import { decodeModelClass } from "@millrace/protocol";
import { readConfig } from "./proof/config.ts";
import { batchShare, measureCost } from "./proof/cost.ts";
import { measureDetection } from "./proof/detection.ts";
import { checkLot } from "./proof/objective.ts";
import { printCost, printDetection, printObjective } from "./proof/tables.ts";

const config = readConfig(process.argv.slice(2));
const onStep = (step: string) => console.error(`… ${step}`);
const classPath = config.model.replace(/\.gguf$/, ".class.json");
const { tolerance } = decodeModelClass(await readFile(classPath, "utf8"));
if (!tolerance) throw new Error(`${classPath} has no tolerance.`);

// Memory first, while there is little else in this process.
const objective = [10_000, 100_000].map(checkLot);
printObjective(objective);
const cost = await measureCost({ tokenizerFrom: config.model, rounds: config.rounds, onStep });
printCost(cost);
const { model: modelPath, items, cheatItems } = config;
const detection = await measureDetection({ modelPath, tolerance, items, cheatItems, onStep });
printDetection(detection);

if (config.json) {
  const [one, two] = cost.byThreads;
  const { honest, honestItems, cheats, byLength } = detection;
  console.log(
    JSON.stringify({
      honestItems,
      falsePositives: honest.long.faults + honest.short.faults + honest.pooled.faults,
      honest,
      detection: cheats,
      byLength,
      verifyOverGenerate: {
        threads1: one!.scoreManyMs / one!.generateOneMs,
        threads2: two!.scoreManyMs / two!.generateOneMs,
      },
      verifyOverBatchedGenerate: {
        threads1: one!.scoreManyMs / one!.generateManyMs,
        threads2: two!.scoreManyMs / two!.generateManyMs,
      },
      verifyBatch1000: batchShare(one!, one!.generateOneMs),
      verifyBatch1000OfBatchedGenerate: batchShare(one!, one!.generateManyMs),
      samplerOverhead: { msPerToken: cost.pickMs, share: cost.pickMs / one!.generateManyMs },
      objectiveCheck100kSeconds: objective[1]!.cpuSeconds,
      cost,
    }),
  );
}
