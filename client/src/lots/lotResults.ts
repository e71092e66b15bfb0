import type { ItemResult, Submission } from "@millrace/protocol";
import type { Hex } from "viem";
import type { LotCheck } from "../check/checkLot.ts";
import type { Core } from "../core/core.ts";
import { decodeJson, encodeJson } from "../state/json.ts";

const key = (batchId: string, lotId: Hex) => `batches/${batchId}/lots/${lotId}.jsonl`;

/** What is known of a lot whose results are kept. */
export interface KeptLot {
  /** What they were checked against: after a reorg the lot may hold another. */
  commitment: Hex;
  /** What paying the lot needs. */
  submission: Submission;
  /** What computing some of its items again came to; absent where nobody did. */
  check?: LotCheck;
}

/** Keeps a lot's checked results. Done before the lot is paid, so that nothing that was paid for can be lost. */
export async function keepLotResults(
  { state }: Core,
  {
    batchId,
    lotId,
    commitment,
    submission,
    check,
    results,
  }: KeptLot & { batchId: string; lotId: Hex; results: readonly ItemResult[] },
): Promise<void> {
  const lines = function* () {
    yield encodeJson({ commitment, submission, ...(check && { check }) } satisfies KeptLot);
    for (const result of results) yield JSON.stringify(result);
  };
  await state.writeLines(key(batchId, lotId), lines());
}

/** The lots whose checked results are kept. */
export async function keptLots({ state }: Core, batchId: string): Promise<Map<Hex, KeptLot>> {
  const kept = new Map<Hex, KeptLot>();
  for (const name of await state.list(`batches/${batchId}/lots`)) {
    const lotId = name.replace(/\.jsonl$/, "") as Hex;
    for await (const line of state.readLines(key(batchId, lotId))) {
      kept.set(lotId, decodeJson<KeptLot>(line));
      break;
    }
  }
  return kept;
}

export async function* readLotResults(
  { state }: Core,
  { batchId, lotId }: { batchId: string; lotId: Hex },
): AsyncGenerator<ItemResult> {
  let isHeader = true;
  for await (const line of state.readLines(key(batchId, lotId))) {
    if (!isHeader) yield JSON.parse(line) as ItemResult;
    isHeader = false;
  }
}

/** All at once; see {@link readLotResults}. */
export async function allLotResults(core: Core, lot: { batchId: string; lotId: Hex }): Promise<ItemResult[]> {
  const results: ItemResult[] = [];
  for await (const result of readLotResults(core, lot)) results.push(result);
  return results;
}
