import type { ItemScore } from "@millrace/protocol";
import { type CheatKind, cheatClaim, cheatRequest, otherWeights } from "./cheats.ts";
import type { Claim } from "./claims.ts";
import type { CalibrationItem } from "./items.ts";
import { referenceSetting, type Setting } from "./settings.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

/** One claim as one verifier sees it. */
export interface ScoredItem {
  id: number;
  kind: CalibrationItem["kind"];
  temperature: number;
  outputTokens: number;
  /** Names of settings, or of a cheat. */
  generatedBy: string;
  scoredBy: string;
  score: ItemScore;
}

/** Scores claims under a workbench's setting. */
export async function scoreClaims(
  workbench: Pick<Workbench, "setting" | "score">,
  claims: readonly Claim[],
  { generatedBy, epsilon }: { generatedBy: string; epsilon: number },
): Promise<ScoredItem[]> {
  const scores = await workbench.score(claims, { epsilon });
  return claims.map(({ item, claimed }, index) => ({
    id: item.id,
    kind: item.kind,
    temperature: item.request.temperature,
    outputTokens: claimed.tokenIds.length,
    generatedBy,
    scoredBy: workbench.setting.name,
    score: scores[index]!,
  }));
}

/** What an honest provider under a setting made of items. */
export interface HonestRun {
  setting: Setting;
  device: string;
  tokensPerSecond: number;
  claims: Claim[];
}

/**
 * Runs items under a setting.
 *
 * @param itemsFor which items, for an engine of that context
 * @param budgetMs fewer of them, if all take longer. Default: unlimited
 * @returns undefined if this machine cannot run the setting
 */
export async function runHonest({
  itemsFor,
  budgetMs,
  ...where
}: {
  modelPath: string;
  setting: Setting;
  itemsFor: (contextTokens: number) => readonly CalibrationItem[];
  budgetMs?: number | undefined;
  signal?: AbortSignal | undefined;
}): Promise<HonestRun | undefined> {
  await using workbench = await openWorkbench(where);
  if (!workbench) return undefined;
  const claims = await workbench.generate(itemsFor(workbench.contextTokens), { budgetMs });
  const { setting, device, tokensPerSecond } = workbench;
  return { setting, device, tokensPerSecond, claims };
}

interface CheatRun {
  modelPath: string;
  kind: CheatKind;
  /** An open workbench of {@link referenceSetting}. */
  reference: Workbench;
  /** See `cheatItems`. */
  items: readonly CalibrationItem[];
  /** What an honest provider made of the same requests, in order: for their prompts, and to tamper with. */
  honest: readonly Claim[];
  /** Fewer of them, if all take longer. Default: unlimited. */
  budgetMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What the reference sees of a cheat's claims. */
export async function runCheat({ epsilon, ...cheat }: CheatRun & { epsilon: number }): Promise<ScoredItem[]> {
  const { kind, reference, items, honest } = cheat;
  const generated = await generateAsCheat(cheat);
  const claims = generated.flatMap((claim, index) => {
    const honestClaim = { ...honest[index]!, item: items[index]! };
    return cheatClaim(kind, { generated: claim, honest: honestClaim }) ?? [];
  });
  return scoreClaims(reference, claims, { generatedBy: kind, epsilon });
}

async function generateAsCheat({
  modelPath,
  kind,
  reference,
  items,
  honest,
  budgetMs,
  signal,
}: CheatRun): Promise<readonly Claim[]> {
  const requests = items.map((item) => cheatRequest(kind, item));
  await using weights = await otherWeights(kind, modelPath);
  if (weights) {
    await using cheap = await openWorkbench({ modelPath: weights.path, setting: referenceSetting, signal });
    return (await cheap?.generate(requests, { budgetMs })) ?? [];
  }
  // Who only tampers with outputs computes them as they should be.
  const isUnchanged = requests.every((request, index) => request === items[index]);
  return isUnchanged ? honest : reference.generate(requests, { budgetMs });
}
