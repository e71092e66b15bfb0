import { MillraceError, type ModelClass, modelClassOf, type Tolerance } from "@millrace/protocol";
import { type EngineErrorCode, engineFailed } from "../errors.ts";
import { type ModelInfo, readModelInfo } from "../modelInfo.ts";
import { ENGINE_RELEASE } from "../release.ts";
import { type CheatKind, canCheat, cheatDescriptions, cheatItems, cheatKinds } from "./cheats.ts";
import { fitTolerance } from "./fitTolerance.ts";
import { calibrationItems } from "./items.ts";
import { type HonestRun, runCheat, runHonest, type ScoredItem, scoreClaims } from "./runs.ts";
import { calibrationSettings, referenceSetting, type Setting } from "./settings.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

/** What was measured, and what follows from it. */
export interface Calibration {
  model: ModelInfo;
  modelClass: ModelClass & { tolerance: Tolerance };
  /** How each setting ran. */
  runs: (Pick<HonestRun, "setting" | "device" | "tokensPerSecond"> & { items: number })[];
  /** Settings that this machine cannot run. */
  missing: Setting[];
  /** What the tolerance was fitted to: items of even numbers. */
  fitted: ScoredItem[];
  /** The others. */
  heldOut: ScoredItem[];
  /** None of a kind where the weights are of a format that cannot be rewritten. */
  cheats: Record<CheatKind, ScoredItem[]>;
}

export interface CalibrateOptions {
  modelPath: string;
  /** Honest items under each setting, fewer where it is slow. Default: 15. */
  items?: number | undefined;
  /** Dishonest items of each kind. Default: 30. */
  cheatItems?: number | undefined;
  /**
   * Time for as many items, after which a setting or a cheat begins no more of them, so that the whole takes minutes, not
   * hours. Default: 200 ms.
   */
  msPerItem?: number | undefined;
  /** Default: all that this machine can run. */
  settings?: readonly Setting[] | undefined;
  onStep?: ((step: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const defaultMsPerItem = 200;
/** Cheating items whose outputs are short, of all. */
const shortShare = 0.3;
/** Where to begin: honest numbers of most models differ by less, in logits. */
const firstEpsilon = 0.25;
const mostEpsilon = 4;
/** Far from the honest ones, so that no item is in both. */
const firstCheatItem = 1_000_000;

/**
 * Measures by how much honest machines differ on a model, over all settings that this machine can run, and what cheats
 * look like beside them; and draws the line between.
 *
 * @throws MillraceError `calibration-failed` if honest outputs cannot be told from wrong ones, `aborted`, or what
 *   loading the model throws
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { modelPath, onStep = () => {}, signal } = options;
  const model = await readModelInfo(modelPath);
  const settings = options.settings ?? (await calibrationSettings());
  await using reference = await openWorkbench({ modelPath, setting: referenceSetting, signal });
  if (!reference) throw engineFailed("loading the model", new Error("the reference setting does not run"));

  const honest = await measureHonest({ ...options, onStep, settings, reference });
  const { epsilon, runs, missing, scored } = honest;
  refuseMismatches(scored);
  const fitted = scored.filter(({ id }) => id % 2 === 0);
  const heldOut = scored.filter(({ id }) => id % 2 === 1);
  const tolerance = fitTolerance(fitted, epsilon);
  const cheats = await measureCheats({ ...options, onStep, reference, epsilon });
  return {
    model,
    modelClass: { ...modelClassOf(ENGINE_RELEASE, tolerance), tolerance },
    runs: runs.map(({ claims, ...run }) => ({ ...run, items: claims.length })),
    missing,
    fitted,
    heldOut,
    cheats,
  };
}

type Measuring = CalibrateOptions & { onStep: (step: string) => void; reference: Workbench };

async function measureHonest({
  modelPath,
  items = 15,
  msPerItem = defaultMsPerItem,
  settings = [],
  reference,
  onStep,
  signal,
}: Measuring): Promise<{ epsilon: number; runs: HonestRun[]; missing: Setting[]; scored: ScoredItem[] }> {
  const runs: HonestRun[] = [];
  const missing: Setting[] = [];
  for (const [place, setting] of settings.entries()) {
    onStep(`honest: ${setting.name}`);
    const run = await runHonest({
      modelPath,
      setting,
      itemsFor: (contextTokens) => calibrationItems({ first: place * items, count: items, contextTokens }),
      budgetMs: items * msPerItem,
      signal,
    });
    if (run) runs.push(run);
    else missing.push(setting);
  }
  for (let epsilon = firstEpsilon; ; epsilon *= 2) {
    onStep(`verifying with candidates up to ${epsilon} logits from the last`);
    const scored = await verifyAll({ modelPath, runs, reference, epsilon, signal });
    // Gaps above it come from candidates that one machine had and the other had not.
    const isEnough = scored.every(({ score }) => score.maxGap <= epsilon);
    if (isEnough || epsilon >= mostEpsilon) return { epsilon, runs, missing, scored };
  }
}

/** The reference verifies all; every other setting verifies the run before its own. */
async function verifyAll({
  modelPath,
  runs,
  reference,
  epsilon,
  signal,
}: Pick<Measuring, "modelPath" | "reference" | "signal"> & {
  runs: readonly HonestRun[];
  epsilon: number;
}): Promise<ScoredItem[]> {
  const scored: ScoredItem[] = [];
  const verify = async (verifier: Workbench, verified: readonly HonestRun[]) => {
    for (const { claims, setting } of verified)
      scored.push(...(await scoreClaims(verifier, claims, { generatedBy: setting.name, epsilon })));
  };
  await verify(reference, runs);
  if (scored.some(({ score }) => score.maxGap > epsilon) && epsilon < mostEpsilon) return scored;
  for (const [place, { setting }] of runs.entries()) {
    if (setting === reference.setting) continue;
    await using verifier = await openWorkbench({ modelPath, setting, signal });
    if (verifier) await verify(verifier, [runs.at(place - 1)!]);
  }
  return scored;
}

async function measureCheats({
  modelPath,
  cheatItems: count = 30,
  msPerItem = defaultMsPerItem,
  reference,
  epsilon,
  onStep,
  signal,
}: Measuring & { epsilon: number }): Promise<Record<CheatKind, ScoredItem[]>> {
  const { contextTokens } = reference;
  const shortCount = Math.round(count * shortShare);
  // The short ones first: they cost next to nothing.
  const itemsOf = (kind: CheatKind) => [
    ...cheatItems(kind, { first: firstCheatItem, count: shortCount, contextTokens, length: "short" }),
    ...cheatItems(kind, { first: firstCheatItem, count: count - shortCount, contextTokens, length: "long" }),
  ];
  const budgetMs = count * msPerItem;
  onStep("what cheats tamper with");
  const honest = await reference.generate(itemsOf("truncated"), { budgetMs });
  const scored: Partial<Record<CheatKind, ScoredItem[]>> = {};
  for (const kind of cheatKinds) {
    scored[kind] = [];
    if (!(await canCheat(kind, modelPath))) continue;
    onStep(`cheat: ${cheatDescriptions[kind]}`);
    scored[kind] = await runCheat({
      modelPath,
      kind,
      reference,
      items: itemsOf(kind).slice(0, honest.length),
      honest,
      epsilon,
      budgetMs,
      signal,
    });
  }
  return scored as Record<CheatKind, ScoredItem[]>;
}

function refuseMismatches(scored: readonly ScoredItem[]): void {
  const wrong = scored.find(({ score }) => score.mismatch !== undefined);
  if (!wrong) return;
  const { id, generatedBy, scoredBy, score } = wrong;
  throw new MillraceError("Honest outputs of this model look wrong, so that nobody's can be judged.", {
    code: "calibration-failed" satisfies EngineErrorCode,
    details: `Item ${id} of "${generatedBy}", seen by "${scoredBy}": ${score.mismatch}.`,
  });
}
