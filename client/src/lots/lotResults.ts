import type { ItemResult } from "@millrace/protocol";
import type { Hex } from "viem";
import type { Core } from "../core/core.ts";

const key = (batchId: string, lotId: Hex) => `batches/${batchId}/lots/${lotId}.jsonl`;

/** Keeps a lot's checked results. Done before the lot is paid, so that nothing that was paid for can be lost. */
export async function keepLotResults(
  { state }: Core,
  { batchId, lotId, results }: { batchId: string; lotId: Hex; results: readonly ItemResult[] },
): Promise<void> {
  const lines = function* () {
    for (const result of results) yield JSON.stringify(result);
  };
  await state.writeLines(key(batchId, lotId), lines());
}

/** The ids of the lots whose checked results are kept. */
export async function keptLots({ state }: Core, batchId: string): Promise<Set<Hex>> {
  const names = await state.list(`batches/${batchId}/lots`);
  return new Set(names.map((name) => name.replace(/\.jsonl$/, "") as Hex));
}

export async function* readLotResults(
  { state }: Core,
  { batchId, lotId }: { batchId: string; lotId: Hex },
): AsyncGenerator<ItemResult> {
  for await (const line of state.readLines(key(batchId, lotId))) yield JSON.parse(line) as ItemResult;
}
