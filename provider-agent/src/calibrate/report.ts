import {
  type Calibration,
  type CheatKind,
  cheatDescriptions,
  cheatKinds,
  type Evaluation,
  evaluate,
  type ScoredItem,
  upperBound,
  type Verdicts,
  withoutFingerprints,
} from "@millrace/engine/calibration";
import { FAULT_RATIO, ratioOf, type Tolerance } from "@millrace/protocol";

/**
 * What a calibration found, as Markdown for those who have to trust it.
 *
 * @param plot file name of the picture beside it
 */
export function reportOf(calibration: Calibration, { plot }: { plot: string }): string {
  const { model, modelClass, fitted, heldOut, cheats } = calibration;
  const { tolerance } = modelClass;
  return `${[
    `# Calibration of ${model.name}`,
    "",
    "How far honest machines differ on this model, and where the line is drawn. R compares the two: honest outputs are to be",
    "at most 0.5, from 1.5 on an output is a fault, and between the two nobody is blamed. Written by",
    "`millrace-provider calibrate`; the line itself is in the class document beside this file, whose hash is part of the",
    "model's identity.",
    "",
    `![R of honest outputs and of cheats](${plot})`,
    "",
    ...table(["", ""], identity(calibration)),
    "",
    "## Honest outputs",
    "Generated under each setting; verified under the first one, and some under every other. The thresholds were fitted to",
    "items of even numbers alone, with a margin of 1.5 to the worst; the others show what that is worth.",
    "",
    ...table(
      ["items", "judged", "R median", "R worst", "0.5 to 1.5", "false faults", "95 % upper bound"],
      [...honestRows("fitted", fitted, tolerance), ...honestRows("held out", heldOut, tolerance)],
    ),
    "",
    "## Cheats",
    "Share of them that is a fault, R ≥ 1.5. In brackets: if the cheat also had true fingerprints made for its outputs, so that",
    "only the tokens tell. Long outputs have at least 128 tokens, short requests ask for 1 to 32.",
    "",
    ...table(
      ["cheat", "what it does", "long outputs", "all others", "four requests", "four short requests"],
      cheatKinds.map((kind) => cheatRow(kind, cheats[kind], tolerance)),
    ),
    "",
    "## Evidence by length of the output",
    "The cheap model again, each output judged alone.",
    "",
    ...table(
      ["output tokens", "outputs", "caught", "by tokens alone"],
      lengthRows(cheats["cheap-model"], tolerance),
    ),
    "",
    "## Settings",
    ...table(
      ["setting", "device", "tokens/s", "outputs"],
      calibration.runs.map(({ setting, device, tokensPerSecond, items }) => [
        setting.name,
        device,
        tokensPerSecond.toFixed(0),
        items,
      ]),
    ),
    "",
    ...missingLines(calibration),
    "",
    "## What it cannot see",
    "- A copy whose numbers differ by less than honest machines do, such as the same weights in a finer format.",
    "- Small changes of the weights in short outputs: see the table of lengths. Judging four together helps.",
    "- Machines unlike those above. Whoever serves or judges by this class tries it on their own first.",
  ].join("\n")}\n`;
}

function identity({ model, modelClass: { engine, tolerance } }: Calibration): Row[] {
  const { epsilon, meanGap, maxGap, fingerprint } = tolerance;
  return [
    ["weights (sha256)", `\`${model.sha256}\``],
    ["format", `${model.quantization}, ${(model.parameters / 1e6).toFixed(1)} M parameters`],
    ["engine", engine],
    ["mean gap", `${meanGap} logits`],
    ["largest gap of n tokens", `${maxGap.base} + ${maxGap.perDoubling} × log₂ n logits`],
    ["fingerprint", `${fingerprint} nats`],
    ["candidates' edge (ε)", `${epsilon} logits`],
  ];
}

function honestRows(name: string, items: readonly ScoredItem[], tolerance: Tolerance): Row[] {
  const { long, short, pooled } = evaluate(items, tolerance);
  const row = (how: string, verdicts: Verdicts): Row => [
    name,
    how,
    verdicts.medianRatio.toFixed(2),
    verdicts.worstRatio.toFixed(2),
    verdicts.inconclusive,
    `${verdicts.faults} of ${verdicts.sets}`,
    percent(upperBound(verdicts)),
  ];
  return [row("long outputs", long), row("short outputs", short), row("four together", pooled)].filter(
    (cells) => !String(cells[5]).endsWith(" of 0"),
  );
}

function cheatRow(kind: CheatKind, items: readonly ScoredItem[], tolerance: Tolerance): Row {
  const cell = (some: readonly ScoredItem[], part: keyof Evaluation) => {
    const all = evaluate(some, tolerance)[part];
    const byTokens = evaluate(withoutFingerprints(some), tolerance)[part];
    return all.sets === 0 ? "–" : `${share(all)} of ${all.sets} (${share(byTokens)})`;
  };
  const isShort = (item: ScoredItem) => item.kind === "short";
  return [
    kind,
    cheatDescriptions[kind],
    cell(items, "long"),
    cell(items, "short"),
    cell(
      items.filter((item) => !isShort(item)),
      "pooled",
    ),
    cell(items.filter(isShort), "pooled"),
  ];
}

const lengths = [1, 2, 4, 8, 16, 32, 64, 128];

function lengthRows(items: readonly ScoredItem[], tolerance: Tolerance): Row[] {
  return lengths.flatMap((least, index): Row[] => {
    const below = lengths[index + 1] ?? Number.POSITIVE_INFINITY;
    const chosen = items.filter(({ outputTokens }) => outputTokens >= least && outputTokens < below);
    if (chosen.length === 0) return [];
    const caught = (some: readonly ScoredItem[]) =>
      percent(some.filter(({ score }) => ratioOf([score], tolerance) >= FAULT_RATIO).length / some.length);
    const range =
      below === least + 1
        ? String(least)
        : below < Number.POSITIVE_INFINITY
          ? `${least} to ${below - 1}`
          : `${least} or more`;
    return [[range, chosen.length, caught(chosen), caught(withoutFingerprints(chosen))]];
  });
}

function missingLines({ missing }: Calibration): string[] {
  if (missing.length === 0) return [];
  return [`Not on the machine of this calibration: ${missing.map(({ name }) => name).join("; ")}.`];
}

type Row = readonly (string | number)[];

function table(head: readonly string[], rows: readonly Row[]): string[] {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const share = ({ faults, sets }: Verdicts): string => percent(faults / sets);

function percent(part: number): string {
  return `${(100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
}
