import type { Verifier } from "@millrace/client";
import { classHashOf, encodeModelClass, type ModelSpec, modelClassOf } from "@millrace/protocol";
import { modelSpec } from "./fixture.ts";
import { scoreClaim } from "./testProvider.ts";

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

/** A buyer's own copy of the test model. */
export function testVerifier(): Verifier & { scored: number } {
  const verifier = {
    trust: "checked" as const,
    scored: 0,
    has: ({ weightsHash }: Pick<ModelSpec, "weightsHash">) => weightsHash === judgedModel.weightsHash,
    calibrate: async () => {},
    score: async (claim: Claim) => {
      verifier.scored++;
      return scoreClaim(claim);
    },
  };
  return verifier;
}
