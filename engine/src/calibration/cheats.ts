import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeFingerprint, fingerprintRows, gumbelNoise, hashTokenIds } from "@millrace/protocol";
import { addNoise, dropLayer, layerCountOf, readMatrixFormats, requantize } from "../gguf/rewrite.ts";
import type { Claim } from "./claims.ts";
import { type CalibrationItem, calibrationItems } from "./items.ts";

/** What a dishonest provider may do instead, as far as it shows in outputs. */
export const cheatKinds = [
  "cheap-model",
  "noisy-weights",
  "dropped-layer",
  "edited-prompt",
  "other-temperature",
  "other-seed",
  "truncated",
  "edited-token",
  "runner-up-token",
] as const;
export type CheatKind = (typeof cheatKinds)[number];

/** What each of them does, for reports. */
export const cheatDescriptions: Record<CheatKind, string> = {
  "cheap-model": "the same weights in Q4_0, or 3 bits where they have no more than 5",
  "noisy-weights": "2 % of noise on the weights, as a fine-tune would leave",
  "dropped-layer": "the middle layer left out",
  "edited-prompt": "a sentence added to the prompt",
  "other-temperature": "temperature 1.0 for 0.8",
  "other-seed": "another seed",
  truncated: "cut to half, and a stop claimed",
  "edited-token": "one token replaced by any other",
  "runner-up-token": "one token replaced by the second best",
};

const weightRewriters: Partial<Record<CheatKind, (from: string, to: string) => Promise<void>>> = {
  "cheap-model": async (from, to) => {
    const { bitsPerWeight } = await readMatrixFormats(from);
    await requantize(from, to, "Q4_0", { threeBits: bitsPerWeight <= 5 });
  },
  "noisy-weights": (from, to) => addNoise(from, to, { relative: 0.02 }),
  "dropped-layer": async (from, to) => dropLayer(from, to, (await layerCountOf(from)) >> 1),
};

/** Whether a cheat can be made of a model: not all formats of weights can be rewritten. */
export async function canCheat(kind: CheatKind, modelPath: string): Promise<boolean> {
  if (kind !== "cheap-model" && kind !== "noisy-weights") return true;
  return (await readMatrixFormats(modelPath)).canRewrite;
}

/** The weights that a cheat runs instead, as a file for as long as it is wanted; undefined if it runs the true ones. */
export async function otherWeights(
  kind: CheatKind,
  modelPath: string,
): Promise<(AsyncDisposable & { path: string }) | undefined> {
  const rewrite = weightRewriters[kind];
  if (!rewrite) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "millrace-cheat-"));
  const dispose = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, `${kind}.gguf`);
  try {
    await rewrite(modelPath, path);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: dispose };
}

/**
 * The requests on which a cheat is tried: those of a calibration, of the temperatures at which it changes anything.
 *
 * @param length `long` leaves out those whose outputs are to be short; `short` are those alone
 */
export function cheatItems(
  kind: CheatKind,
  { length, ...range }: { first: number; count: number; contextTokens: number; length: "long" | "short" },
): CalibrationItem[] {
  const kinds = length === "short" ? (["short"] as const) : (["story", "long", "flat"] as const);
  const temperature = { "other-temperature": 0.8, "other-seed": 1 }[kind as string];
  return calibrationItems({ ...range, kinds, ...(temperature !== undefined && { temperature }) });
}

/** What a cheat asks its engine for instead of an item. */
export function cheatRequest(kind: CheatKind, item: CalibrationItem): CalibrationItem {
  const { request, seed } = item;
  switch (kind) {
    case "edited-prompt": {
      const last = request.messages.at(-1)!;
      const edited = { ...last, content: `${last.content} The end was sad.` };
      return { ...item, request: { ...request, messages: request.messages.with(-1, edited) } };
    }
    case "other-temperature":
      return { ...item, request: { ...request, temperature: 1 } };
    case "other-seed":
      return { ...item, seed: hashTokenIds([...Buffer.from(seed.slice(2), "hex")]) };
    default:
      return item;
  }
}

/**
 * What a cheat claims of an item.
 *
 * @param generated what its engine made of {@link cheatRequest}
 * @param honest what an honest one made of the item: whoever has the model can render the true prompt
 * @returns undefined if the output leaves nothing to tamper with
 */
export function cheatClaim(
  kind: CheatKind,
  { generated, honest }: { generated: Claim; honest: Claim },
): Claim | undefined {
  const { promptTokens, promptTokensHash } = honest.claimed;
  const claim = { item: honest.item, claimed: { ...generated.claimed, promptTokens, promptTokensHash } };
  const { tokenIds } = claim.claimed;
  switch (kind) {
    case "truncated":
      if (tokenIds.length < 2) return undefined;
      return withTokens(claim, tokenIds.slice(0, tokenIds.length >> 1), "stop");
    case "edited-token": {
      // Somewhere in the output, by its own hash.
      if (tokenIds.length === 0) return undefined;
      const random = Number.parseInt(hashTokenIds(tokenIds).slice(2, 10), 16);
      const index = random % tokenIds.length;
      const donor = tokenIds[(index + 1 + (random % 7)) % tokenIds.length]!;
      return withTokens(claim, tokenIds.with(index, donor === tokenIds[index] ? donor + 1 : donor));
    }
    case "runner-up-token": {
      const found = runnerUp(claim);
      return found && withTokens(claim, tokenIds.with(found.index, found.tokenId));
    }
    default:
      return claim;
  }
}

function withTokens(
  { item, claimed }: Claim,
  tokenIds: readonly number[],
  stopReason = claimed.stopReason,
): Claim {
  return { item, claimed: { ...claimed, tokenIds, stopReason } };
}

/** The second best token at one of the positions of which the fingerprint tells the best ones. */
function runnerUp({ item, claimed }: Claim): { index: number; tokenId: number } | undefined {
  const { tokenIds } = claimed;
  const positions = fingerprintRows({
    ...claimed,
    outputTokens: tokenIds.length,
    outputTokensHash: hashTokenIds(tokenIds),
  });
  const place = positions.findLastIndex((position) => position >= 0 && position < tokenIds.length);
  if (place < 0) return undefined;
  const index = positions[place]!;
  const row = decodeFingerprint(claimed.fingerprint)[place]!;
  const noise = gumbelNoise(item.seed);
  const { temperature } = item.request;
  const ranked = row.tokenIds
    .map((tokenId, rank) => ({
      tokenId,
      score: -row.surprisals[rank]! + (temperature === 0 ? 0 : temperature * noise(index, tokenId)),
    }))
    .filter(({ tokenId }) => tokenId !== tokenIds[index])
    .sort((a, b) => b.score - a.score);
  return ranked[0] && { index, tokenId: ranked[0].tokenId };
}
