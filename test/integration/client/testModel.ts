import type { Verifier } from "@millrace/client";
import {
  CLAMP_GAP,
  classHashOf,
  encodeModelClass,
  type ItemScore,
  type ModelSpec,
  modelClassOf,
} from "@millrace/protocol";
import { modelSpec } from "./fixture.ts";
import { answer } from "./testProvider.ts";

type Claim = Parameters<Verifier["score"]>[0];

const modelClass = modelClassOf("upper-case 1", {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0.05 },
  epsilon: 0.1,
  fingerprint: 0.1,
});

/** The tolerance of the test model: it computes the same everywhere, so any will do. */
export const { tolerance } = modelClass as Required<typeof modelClass>;

/** The text of its class, as it lies beside a model's file. */
export const classText = encodeModelClass(modelClass);

/** The test model, calibrated. */
export const judgedModel: ModelSpec = { ...modelSpec, classHash: classHashOf(modelClass) };

/** What the test model says of a claim: any other token than its own is no candidate at all. */
export function scoreClaim({ request, claimed }: Pick<Claim, "request" | "claimed">): ItemScore {
  const { tokenIds } = answer(JSON.stringify(request));
  const wrong = claimed.tokenIds.filter((id, i) => id !== tokenIds[i]).length;
  return {
    countedTokens: claimed.tokenIds.length,
    gapSum: wrong * CLAMP_GAP,
    maxGap: wrong > 0 ? CLAMP_GAP : 0,
    fingerprint: undefined,
    mismatch: claimed.tokenIds.length === tokenIds.length ? undefined : "stop",
  };
}

/** A buyer's own copy of the test model. */
export function testVerifier(): Verifier & { scored: number } {
  const verifier = {
    trust: "checked" as const,
    scored: 0,
    has: (weightsHash: string) => weightsHash === judgedModel.weightsHash,
    calibrate: async () => {},
    score: async (claim: Claim) => {
      verifier.scored++;
      return scoreClaim(claim);
    },
  };
  return verifier;
}
