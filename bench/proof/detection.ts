import {
  type CheatKind,
  calibrationItems,
  calibrationSettings,
  cheatItems,
  cheatKinds,
  evaluate,
  openWorkbench,
  referenceSetting,
  runCheat,
  runHonest,
  type ScoredItem,
  scoreClaims,
  upperBound,
  type Workbench,
  withoutFingerprints,
} from "@millrace/engine/calibration";
import { FAULT_RATIO, ratioOf, type Tolerance } from "@millrace/protocol";

/** Far from the items of any calibration: nothing here was used to draw the line. */
const FIRST_HONEST = 10_000_000;
const FIRST_CHEATING = 20_000_000;
/** Cheating items whose outputs are short, on top of the others. */
const SHORT_SHARE = 0.3;
/** A setting that takes longer runs fewer items. */
const MS_PER_ITEM = 150;

/** False positives among honest items. */
export interface Honest {
  long: Counted;
  short: Counted;
  pooled: Counted;
  settings: { name: string; items: number; worstRatio: number }[];
}

export interface Counted {
  sets: number;
  faults: number;
  /** Above 0.5: nobody would be slashed, nor paid for sure. */
  inconclusive: number;
  worstRatio: number;
  /** With 95 % confidence no more than this share are faults. */
  upperBound: number;
}

/** Shares of a cheat's items, from 0 to 1, that are found. */
export interface Detection {
  items: number;
  /** Of outputs with 128 counted tokens or more; null where there are none. */
  long: number | null;
  /** Of all. */
  perItem: number;
  /** By fours. */
  pooled: number;
}

/** How short outputs of the cheap model may be and yet show. */
export interface ByLength {
  /** Counted tokens, from one to below the next. */
  from: number;
  items: number;
  detected: number;
  /** Without fingerprints: by their tokens alone. */
  detectedByTokens: number;
}

/** Cheats whose fingerprints were made by the true model: their tokens alone are judged. */
export type BenchCheatKind = CheatKind | "cheap-model-true-fingerprints";

export interface DetectionReport {
  honestItems: number;
  honest: Honest;
  cheats: Record<BenchCheatKind, Detection>;
  byLength: ByLength[];
}

/** Runs honest items over all settings, and every cheat, and judges them all as a verifier with the reference setting. */
export async function measureDetection({
  modelPath,
  tolerance,
  items,
  cheatItems: cheatCount,
  onStep,
}: {
  modelPath: string;
  tolerance: Tolerance;
  items: number;
  cheatItems: number;
  onStep: (step: string) => void;
}): Promise<DetectionReport> {
  await using reference = await openWorkbench({ modelPath, setting: referenceSetting });
  if (!reference) throw new Error("The reference setting does not run.");
  const { epsilon } = tolerance;
  const honest = await runSettings({ modelPath, reference, epsilon, items, onStep });
  const cheats = await runCheats({ modelPath, reference, epsilon, count: cheatCount, onStep });
  const cheap = cheats["cheap-model"];
  const detections = Object.fromEntries(
    cheatKinds.map((kind) => [kind, detectionOf(cheats[kind], tolerance)]),
  ) as Record<CheatKind, Detection>;
  return {
    honestItems: honest.length,
    honest: honestOf(honest, tolerance),
    cheats: {
      ...detections,
      "cheap-model-true-fingerprints": detectionOf(withoutFingerprints(cheap), tolerance),
    },
    byLength: byLength(cheap, tolerance),
  };
}

type Running = {
  modelPath: string;
  reference: Workbench;
  epsilon: number;
  onStep: (step: string) => void;
};

async function runSettings({ items, ...run }: Running & { items: number }): Promise<ScoredItem[]> {
  const { modelPath, reference, epsilon, onStep } = run;
  // The reference comes last, for it takes what all others left.
  const others = (await calibrationSettings()).filter(({ name }) => name !== referenceSetting.name);
  const settings = [...others, referenceSetting];
  const scored: ScoredItem[] = [];
  let first = FIRST_HONEST;
  for (const [place, setting] of settings.entries()) {
    const isLast = place === settings.length - 1;
    const share = Math.ceil((items - scored.length) / (settings.length - place));
    const ran = await runHonest({
      modelPath,
      setting,
      itemsFor: (contextTokens) => calibrationItems({ first, count: share, contextTokens }),
      // Two threads on two cores that others use too wait for each other most of the time.
      ...(!isLast && { budgetMs: share * MS_PER_ITEM }),
    });
    onStep(`honest: ${setting.name}: ${ran?.claims.length ?? "does not run here"}`);
    if (!ran) continue;
    first += share;
    scored.push(...(await scoreClaims(reference, ran.claims, { generatedBy: setting.name, epsilon })));
  }
  return scored;
}

async function runCheats({
  count,
  ...run
}: Running & { count: number }): Promise<Record<CheatKind, ScoredItem[]>> {
  const { modelPath, reference, epsilon, onStep } = run;
  const { contextTokens } = reference;
  const range = { first: FIRST_CHEATING, contextTokens };
  const itemsOf = (kind: CheatKind) => [
    ...cheatItems(kind, { ...range, count, length: "long" }),
    ...cheatItems(kind, { ...range, count: Math.ceil(count * SHORT_SHARE), length: "short" }),
  ];
  onStep("what cheats tamper with");
  const honest = await reference.generate(itemsOf("truncated"));
  const scored = {} as Record<CheatKind, ScoredItem[]>;
  for (const kind of cheatKinds) {
    onStep(`cheat: ${kind}`);
    scored[kind] = await runCheat({ modelPath, kind, reference, items: itemsOf(kind), honest, epsilon });
  }
  return scored;
}

function honestOf(items: readonly ScoredItem[], tolerance: Tolerance): Honest {
  const { long, short, pooled } = evaluate(items, tolerance);
  const counted = (verdicts: typeof long): Counted => ({
    sets: verdicts.sets,
    faults: verdicts.faults,
    inconclusive: verdicts.inconclusive,
    worstRatio: verdicts.worstRatio,
    upperBound: upperBound(verdicts),
  });
  const settings = [...Map.groupBy(items, ({ generatedBy }) => generatedBy)].map(([name, group]) => ({
    name,
    items: group.length,
    worstRatio: Math.max(...group.map(({ score }) => ratioOf([score], tolerance))),
  }));
  return { long: counted(long), short: counted(short), pooled: counted(pooled), settings };
}

function detectionOf(items: readonly ScoredItem[], tolerance: Tolerance): Detection {
  const { long, short, pooled } = evaluate(items, tolerance);
  const share = (faults: number, sets: number) => (sets === 0 ? 0 : faults / sets);
  return {
    items: items.length,
    long: long.sets === 0 ? null : share(long.faults, long.sets),
    perItem: share(long.faults + short.faults, long.sets + short.sets),
    pooled: share(pooled.faults, pooled.sets),
  };
}

function byLength(items: readonly ScoredItem[], tolerance: Tolerance): ByLength[] {
  const doublings = Map.groupBy(
    items,
    ({ score }) => 2 ** Math.floor(Math.log2(Math.max(1, score.countedTokens))),
  );
  return [...doublings]
    .sort(([a], [b]) => a - b)
    .map(([from, group]) => {
      const found = (scored: readonly ScoredItem[]) =>
        scored.filter(({ score }) => ratioOf([score], tolerance) >= FAULT_RATIO).length / group.length;
      return {
        from,
        items: group.length,
        detected: found(group),
        detectedByTokens: found(withoutFingerprints(group)),
      };
    });
}
