import { getLlama, LlamaLogLevel, type LlamaOptions, type Token } from "node-llama-cpp";

/** The least that node-llama-cpp needs to generate: what our engine is measured against. */
export interface BareLoop extends AsyncDisposable {
  /** Generates greedily from each prompt on as many sequences as there are, and counts the tokens that came out. */
  run(prompts: readonly (readonly number[])[], maxTokens: number): Promise<number>;
}

export async function createBareLoop(options: {
  modelPath: string;
  sequences: number;
  threads: number;
  contextTokens: number;
  flashAttention: boolean | "auto";
}): Promise<BareLoop> {
  const { modelPath, sequences, threads, contextTokens, flashAttention } = options;
  const quiet: LlamaOptions = { gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 0 };
  await using starting = new AsyncDisposableStack();
  const llama = starting.adopt(await getLlama(quiet), (llama) => llama.dispose());
  const model = starting.use(await llama.loadModel({ modelPath }));
  const shape = { contextSize: contextTokens, sequences, threads, batchSize: 512, flashAttention };
  const context = starting.use(await model.createContext(shape));
  const owned = starting.move();
  const all = Array.from({ length: sequences }, () => context.getSequence());

  return {
    async run(prompts, maxTokens) {
      let next = 0;
      let total = 0;
      const work = all.map(async (sequence) => {
        for (let prompt = prompts[next++]; prompt; prompt = prompts[next++]) {
          await sequence.clearHistory();
          let count = 0;
          const options = { temperature: 0, topK: 64, topP: 1, minP: 0, seed: 1 };
          for await (const _token of sequence.evaluate(prompt as Token[], options))
            if (++count >= maxTokens) break;
          total += count;
        }
      });
      await Promise.all(work);
      return total;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
