import {
  type ClaimedItem,
  decodeFingerprint,
  encodeFingerprint,
  type FingerprintRow,
  fingerprintDistance,
  fingerprintRows,
  hashTokenIds,
  type ItemScore,
  judgeScoring,
  MillraceError,
  type Mismatch,
  type Row,
  VERIFIER_CANDIDATES,
} from "@millrace/protocol";
import type { LlamaModel, Token } from "node-llama-cpp";
import { endingOf } from "./claimedEnding.ts";
import { gapsOf } from "./gaps.ts";
import type { GenerationPlan } from "./generate.ts";
import type { Hex } from "./hex.ts";
import { GRAMMAR_CANDIDATES } from "./legalCandidates.ts";

/** What scoring needs of an engine. */
export interface ScoreTools {
  model: LlamaModel;
  /** @throws MillraceError `invalid-input` */
  plan(item: ClaimedItem): Promise<GenerationPlan>;
  /** Evaluates a text anew; the rows of its last tokens. */
  evaluate(tokenIds: readonly Token[], options: { rowCount: number; candidates: number }): Promise<Row[]>;
}

/** Judges what is claimed of an item; `Engine.score` says how. */
export async function scoreItem(item: ClaimedItem, tools: ScoreTools): Promise<ItemScore> {
  const { claimed } = item;
  // Whether a machine really failed nobody can check.
  if (claimed.stopReason === "error") return withoutRows(undefined);
  const ofScoring = judgeScoring(item.request, item);
  if (ofScoring) return ofScoring;
  const plan = await planIfValid(item, tools);
  if ((plan === undefined) !== (claimed.stopReason === "invalid-input")) return withoutRows("validity");
  if (!plan) return withoutRows(undefined);

  if (claimed.promptTokens !== plan.promptTokenIds.length) return withoutRows("prompt");
  if (claimed.promptTokensHash !== hashTokenIds(plan.promptTokenIds)) return withoutRows("prompt");
  const ending = endingOf(claimed, plan, tools.model);
  if (!ending) return withoutRows("stop");
  const positions = positionsOf(claimed);
  const fingerprint = decodeIfWhole(claimed.fingerprint);
  if (fingerprint?.length !== positions.length) return withoutRows("fingerprint");

  const { ofPrompt, ofOutput } = await evaluateClaim(claimed, plan, tools);
  const wasUpToTheModel = claimed.tokenIds.length + (ending === "chosen" ? 1 : 0);
  const gaps = gapsOf(ofOutput.slice(0, wasUpToTheModel), item, plan, tools.model);
  if (!gaps) return withoutRows("grammar");
  return {
    countedTokens: gaps.length,
    gapSum: gaps.reduce((sum, gap) => sum + gap, 0),
    maxGap: gaps.reduce((most, gap) => Math.max(most, gap), 0),
    fingerprint: fingerprintDistance(
      fingerprint,
      positions.map((position) => (position < 0 ? ofPrompt : ofOutput[position])!),
    ),
    mismatch: undefined,
  };
}

/** The fingerprint that this model gives an output; `Engine.fingerprint` says what for. */
export async function fingerprintItem(item: ClaimedItem, tools: ScoreTools): Promise<Hex> {
  const { claimed } = item;
  const { ofPrompt, ofOutput } = await evaluateClaim(claimed, await tools.plan(item), tools);
  return encodeFingerprint(
    positionsOf(claimed).map((position) => (position < 0 ? ofPrompt : ofOutput[position])!),
  );
}

/** Which rows the fingerprint of an output holds. */
function positionsOf(claimed: ClaimedItem["claimed"]): number[] {
  const { tokenIds } = claimed;
  return fingerprintRows({
    ...claimed,
    outputTokens: tokenIds.length,
    outputTokensHash: hashTokenIds(tokenIds),
  });
}

function withoutRows(mismatch: Mismatch | undefined): ItemScore {
  return { countedTokens: 0, gapSum: 0, maxGap: 0, fingerprint: undefined, mismatch };
}

async function planIfValid(item: ClaimedItem, { plan }: ScoreTools): Promise<GenerationPlan | undefined> {
  try {
    return await plan(item);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "invalid-input") return undefined;
    throw error;
  }
}

function decodeIfWhole(fingerprint: Hex): FingerprintRow[] | undefined {
  if (!/^0x[0-9a-f]*$/i.test(fingerprint)) return undefined;
  try {
    return decodeFingerprint(fingerprint);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "invalid-fingerprint") return undefined;
    throw error;
  }
}

/** One prefill over prompt and output. The last token is not evaluated unless a stop is claimed behind it. */
async function evaluateClaim(
  { tokenIds, stopReason }: ClaimedItem["claimed"],
  { promptTokenIds, grammar }: GenerationPlan,
  { evaluate }: ScoreTools,
): Promise<{ ofPrompt: Row | undefined; ofOutput: Row[] }> {
  const evaluated = stopReason === "stop" ? tokenIds : tokenIds.slice(0, -1);
  const promptRows = Math.min(2, promptTokenIds.length);
  const rows = await evaluate([...promptTokenIds, ...(evaluated as Token[])], {
    rowCount: promptRows + evaluated.length,
    candidates: grammar ? 2 * GRAMMAR_CANDIDATES : VERIFIER_CANDIDATES,
  });
  return { ofPrompt: promptRows === 2 ? rows[0] : undefined, ofOutput: rows.slice(promptRows - 1) };
}
