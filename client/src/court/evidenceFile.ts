import { bytesToHex, type Hex, hexToBytes } from "viem";
import type { Core } from "../core/core.ts";

const key = (batchId: string, lotId: Hex, challenge: number) =>
  `batches/${batchId}/cases/${lotId}-${challenge}.hex`;

/**
 * The sealed evidence of a case, made and kept the first time: sealing it anew gives other bytes, and the court knows the
 * hash of the first.
 */
export async function sealedEvidence(
  { state }: Core,
  {
    batchId,
    lotId,
    challenge,
    make,
  }: { batchId: string; lotId: Hex; challenge: number; make: () => Promise<Uint8Array> },
): Promise<Uint8Array> {
  const name = key(batchId, lotId, challenge);
  const kept = await state.read(name);
  if (kept !== undefined) return hexToBytes(kept as Hex);
  const made = await make();
  await state.write(name, bytesToHex(made));
  return made;
}
