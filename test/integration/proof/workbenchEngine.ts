import type { ChatRequest, ChatResult, Engine } from "@millrace/engine";
import type { CalibrationItem, Claim, Workbench } from "@millrace/engine/calibration";
import type { Hex } from "viem";

interface Waiting {
  item: CalibrationItem;
  resolve: (claim: Claim) => void;
  reject: (error: unknown) => void;
}

/**
 * An engine that computes on a workbench: under a setting, and in a process, of its own.
 *
 * @param engine with the same model: it renders prompts and spells out outputs, which no setting changes
 */
export function workbenchEngine(workbench: Workbench, engine: Engine): Engine {
  let waiting: Waiting[] = [];
  let running = Promise.resolve();

  /** All that wait go in together, so that the setting's sequences are full. */
  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const claims = await workbench.generate(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(claims[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  const generate = (request: ChatRequest, seed: Hex): Promise<Claim> =>
    new Promise((resolve, reject) => {
      // Of a calibration's item no more is looked at than requests of the arena have.
      const item = { id: 0, kind: "story", request, seed } as unknown as CalibrationItem;
      waiting.push({ item, resolve, reject });
      running = running.then(flush);
    });

  return {
    ...engine,
    async infer(request, options = {}): Promise<ChatResult> {
      if (!options.seed) return engine.infer(request, options);
      const { promptTokenIds } = await engine.infer(request, { ...options, outputTokensCap: 1 });
      const { claimed } = await generate(request, options.seed);
      const { tokenIds, stopReason, fingerprint } = claimed;
      return {
        text: engine.detokenize(request, { tokenIds, stopReason }),
        tokenIds: [...tokenIds],
        promptTokenIds,
        usage: { promptTokens: promptTokenIds.length, completionTokens: tokenIds.length },
        finishReason: stopReason === "length" ? "length" : "stop",
        fingerprint,
      };
    },
  };
}
