import type { Engine } from "@millrace/engine";
import { classHashOf } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Verifier } from "./verifier.ts";

/**
 * Checks with a model of one's own.
 *
 * @param engine stays the caller's
 * @example
 * const engine = await createLlamaEngine({ modelPath });
 * await millrace.batches.run({ input, check: { verifiers: [createLlamaVerifier(engine)] } });
 */
export function createLlamaVerifier(
  engine: Pick<Engine, "model" | "contextTokens" | "infer" | "score" | "detokenize">,
): Verifier {
  /** By class hash: several jobs of a batch may be of one model. */
  const calibrated = new Set<Hex>();
  return {
    trust: "checked",
    has: ({ weightsHash, contextTokens }) =>
      weightsHash === engine.model.sha256 && contextTokens === engine.contextTokens,
    async calibrate(modelClass) {
      const classHash = classHashOf(modelClass);
      if (calibrated.has(classHash)) return;
      // Only where there is an engine: it brings llama.cpp along.
      const { checkClass } = await import("@millrace/engine/calibration");
      await checkClass(engine, modelClass);
      calibrated.add(classHash);
    },
    score: (item, { signal }) => engine.score(item, { signal }),
    textOf: (request, tokenIds, stopReason) => engine.detokenize(request, { tokenIds, stopReason }),
  };
}
