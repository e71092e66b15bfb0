import { batchShare, type ProofCost } from "./cost.ts";
import type { Counted, DetectionReport } from "./detection.ts";
import type { ObjectiveCost } from "./objective.ts";

const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Pads the cells of each column to its widest; the first column left, the others right. */
function print(title: string, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  console.log(`\n${title}`);
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    console.log(`  ${cells.join("  ")}`);
  }
}

export function printObjective(costs: readonly ObjectiveCost[]): void {
  print("Checking all objective faults of a lot, receipts streaming by, on one core", [
    ["items", "CPU seconds", "memory grew by"],
    ...costs.map(({ items, cpuSeconds, growthBytes }) => [
      items.toLocaleString("en"),
      cpuSeconds.toFixed(2),
      megabytes(growthBytes),
    ]),
  ]);
}

export function printCost({ pickMs, byThreads, sampler }: ProofCost): void {
  print("CPU milliseconds a token, 115 M random parameters in Q8_0, 128 tokens of output", [
    [
      "threads",
      "generate, one",
      "generate, batched",
      "score, one",
      "score, batched",
      "score ÷ generate one",
      "÷ batched",
    ],
    ...byThreads.map((cost) => [
      String(cost.threads),
      cost.generateOneMs.toFixed(2),
      `${cost.generateManyMs.toFixed(2)} (${cost.sequences} at once)`,
      cost.scoreOneMs.toFixed(2),
      cost.scoreManyMs.toFixed(2),
      percent(cost.scoreManyMs / cost.generateOneMs),
      percent(cost.scoreManyMs / cost.generateManyMs),
    ]),
  ]);
  const [one] = byThreads;
  print(
    "Scoring 90 of a batch of 1,000 (finds 5 % of wrong ones with 99 %), of the cost of generating the batch",
    [
      ["generated", "share"],
      ["one request at a time", percent(batchShare(one!, one!.generateOneMs))],
      ["as many at once as is fastest", percent(batchShare(one!, one!.generateManyMs))],
    ],
  );
  print("Choosing a token by gumbel-v1 in JavaScript", [
    ["CPU ms a token", "of generating it, batched"],
    [pickMs.toFixed(4), percent(pickMs / one!.generateManyMs)],
  ]);
  print("All of it, beside a bare loop that samples natively and leaves batches to chance; CPU ms a token", [
    ["sequences", "bare loop", "engine", "difference", "share"],
    ...sampler.map(({ sequences, bareMsPerToken, oursMsPerToken }) => [
      String(sequences),
      bareMsPerToken.toFixed(3),
      oursMsPerToken.toFixed(3),
      (oursMsPerToken - bareMsPerToken).toFixed(3),
      percent(oursMsPerToken / bareMsPerToken - 1),
    ]),
  ]);
}

export function printDetection({ honestItems, honest, cheats, byLength }: DetectionReport): void {
  const row = (name: string, { sets, faults, inconclusive, worstRatio, upperBound }: Counted) => [
    name,
    String(sets),
    String(faults),
    `≤ ${percent(upperBound)}`,
    String(inconclusive),
    worstRatio.toFixed(2),
  ];
  print(
    `Honest: ${honestItems} items over ${honest.settings.length} settings, none of them seen by the calibration`,
    [
      ["judged", "sets", "called faults", "with 95 %", "inconclusive", "worst R"],
      row("128 tokens and more, alone", honest.long),
      row("shorter, alone", honest.short),
      row("by fours", honest.pooled),
    ],
  );
  print("Worst R by setting (a fault from 1.5)", [
    ["setting", "items", "worst R"],
    ...honest.settings.map(({ name, items, worstRatio }) => [name, String(items), worstRatio.toFixed(2)]),
  ]);
  print("Cheats: share found", [
    ["kind", "items", "128 tokens and more", "any item", "by fours"],
    ...Object.entries(cheats).map(([kind, { items, long, perItem, pooled }]) => [
      kind,
      String(items),
      long === null ? "–" : percent(long),
      percent(perItem),
      percent(pooled),
    ]),
  ]);
  print("Q4_0 for Q8_0: share found by length of the output", [
    ["counted tokens", "items", "found", "by tokens alone"],
    ...byLength.map(({ from, items, detected, detectedByTokens }) => [
      `${from} to ${2 * from - 1}`,
      String(items),
      percent(detected),
      percent(detectedByTokens),
    ]),
  ]);
}
