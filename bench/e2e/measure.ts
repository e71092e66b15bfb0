import { createMemoryState, createMillrace } from "@millrace/client";
import { localAccounts, startLocalNetwork } from "@millrace/devnet";
import { createLlamaEngine } from "@millrace/engine";
import { batchFile, requestBody } from "./batch.ts";

/** What one run took. */
export interface Run {
  ms: number;
  outputTokens: number;
}

/** One process, one thread: all requests at once into the engine, without a market. */
export async function runEngineAlone(
  modelPath: string,
  { itemCount, sequences }: { itemCount: number; sequences: number },
): Promise<Run> {
  await using engine = await createLlamaEngine({ modelPath, threads: 1, sequences });
  const startedAt = performance.now();
  const results = await Promise.all(
    Array.from({ length: itemCount }, (_, number) => engine.infer(requestBody(number))),
  );
  const ms = performance.now() - startedAt;
  return { ms, outputTokens: results.reduce((sum, { usage }) => sum + usage.completionTokens, 0) };
}

/** Two agents of one thread each: from just before the first job transaction to the last payment. */
export async function runMarket(
  modelPath: string,
  { itemCount, sequences }: { itemCount: number; sequences: number },
): Promise<Run> {
  await using local = await startLocalNetwork({
    modelPath,
    providers: 2,
    providerEnv: { MILLRACE_THREADS: "1", MILLRACE_SEQUENCES: String(sequences) },
  });
  const millrace = createMillrace({
    network: local.network,
    account: localAccounts.buyer,
    state: createMemoryState(),
  });
  const input = batchFile(itemCount);
  const buy = { model: local.providers[0]!.modelId, turnaroundSeconds: 1_200, rampSeconds: 10 };
  const { reserve } = await millrace.quote({ input, ...buy });
  await millrace.account.deposit({ amount: reserve });
  let startedAt = 0;
  let paidAt = 0;
  const { items, settlement } = await millrace.batches.run({
    input,
    ...buy,
    // The last moment before the job's transaction is made.
    onQuote: () => {
      startedAt = performance.now();
    },
    onProgress: ({ type }) => {
      if (type === "lot-settled") paidAt = performance.now();
    },
  });
  if (items.completed !== itemCount)
    throw new Error(`Only ${items.completed} of ${itemCount} items were answered.`);
  return { ms: paidAt - startedAt, outputTokens: Number(settlement.tokens.out) };
}
