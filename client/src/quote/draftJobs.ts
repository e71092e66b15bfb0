import { capTokens } from "../input/caps.ts";
import type { JobItem } from "../input/items.ts";
import type { BatchRequest } from "../input/readRequests.ts";
import { findModel } from "../market/findModel.ts";
import type { Model } from "../market/listModels.ts";
import type { LiveOffer } from "../market/liveOffer.ts";
import type { JobCaps } from "../market/pricing.ts";

/** The part of a batch that goes to one model: one job. */
export interface JobDraft {
  model: Model;
  items: JobItem[];
  /** Where the items stand in the batch, from 0, rising. */
  positions: number[];
  /** The largest of the items' caps. */
  caps: JobCaps;
  /** The most tokens all items together may count. */
  cappedTokens: { prompt: bigint; output: bigint };
  /** How many they probably count. */
  expectedTokens: { prompt: bigint; output: bigint };
}

/**
 * Sorts requests by model and computes their caps.
 *
 * @param model for all requests, in place of those that they name
 * @throws MillraceError `unknown-model`, `ambiguous-model`, `no-offers`
 */
export function draftJobs(
  requests: readonly BatchRequest[],
  {
    model,
    ...market
  }: { model?: string | undefined; models: readonly Model[]; offers: readonly LiveOffer[] },
): JobDraft[] {
  const drafts = new Map<string, JobDraft>();
  const found = new Map<string, Model>();
  requests.forEach(({ customId, body }, position) => {
    const name = model ?? body.model;
    const spec = found.get(name) ?? findModel(name, market);
    found.set(name, spec);
    const caps = capTokens(body, spec.spec.contextTokens);
    const draft = drafts.get(spec.modelId) ?? emptyDraft(spec);
    drafts.set(spec.modelId, draft);
    const { promptTokensCap, outputTokensCap } = caps;
    draft.items.push({
      customId,
      request: JSON.stringify(model === undefined ? body : { ...body, model: spec.spec.name }),
      promptTokensCap,
      outputTokensCap,
    });
    draft.positions.push(position);
    draft.caps = {
      promptTokensCap: Math.max(draft.caps.promptTokensCap, promptTokensCap),
      outputTokensCap: Math.max(draft.caps.outputTokensCap, outputTokensCap),
    };
    draft.cappedTokens.prompt += BigInt(promptTokensCap);
    draft.cappedTokens.output += BigInt(outputTokensCap);
    draft.expectedTokens.prompt += BigInt(Math.ceil(caps.promptTokensExpected));
    draft.expectedTokens.output += BigInt(caps.outputTokensExpected);
  });
  return [...drafts.values()];
}

const emptyDraft = (model: Model): JobDraft => ({
  model,
  items: [],
  positions: [],
  caps: { promptTokensCap: 0, outputTokensCap: 0 },
  cappedTokens: { prompt: 0n, output: 0n },
  expectedTokens: { prompt: 0n, output: 0n },
});
