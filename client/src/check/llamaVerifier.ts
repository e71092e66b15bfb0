import type { Engine } from "@millrace/engine";
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
  return {
    trust: "checked",
    has: (weightsHash) => weightsHash === engine.model.sha256,
    async calibrate(modelClass) {
      // Only where there is an engine: it brings llama.cpp along.
      const { checkClass } = await import("@millrace/engine/calibration");
      await checkClass(engine, modelClass);
    },
    score: (item, options) => engine.score(item, options),
    textOf: (request, tokenIds, stopReason) => engine.detokenize(request, { tokenIds, stopReason }),
  };
}
