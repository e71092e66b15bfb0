import {
  CANDIDATES,
  encodeFingerprint,
  FINGERPRINT_TOP,
  fingerprintRows,
  hashTokenIds,
  type Row,
  type StopReason,
} from "@millrace/protocol";
import type { Hex } from "./hex.ts";

/** Keeps what a fingerprint may need of every row, for which rows it takes is known at the end only. */
export interface FingerprintRecorder {
  /** @param position of the token that the row predicts; -1 is the last of the prompt */
  record(position: number, row: Row): void;
  encode(outcome: { promptTokens: number; tokenIds: readonly number[]; stopReason: StopReason }): Hex;
}

export function createFingerprintRecorder(): FingerprintRecorder {
  const rows = new Map<number, Row>();
  return {
    record(position, row) {
      rows.set(position, headOf(row));
    },
    encode({ promptTokens, tokenIds, stopReason }) {
      const outputTokensHash = hashTokenIds(tokenIds);
      const wanted = fingerprintRows({
        promptTokens,
        outputTokens: tokenIds.length,
        stopReason,
        outputTokensHash,
      });
      return encodeFingerprint(wanted.map((position) => rows.get(position)!));
    },
  };
}

/** A seventh of the row's size: its first candidates, and the mass of the others up to the 64th as one more. */
function headOf({ tokenIds, logProbs, count }: Row): Row {
  if (count <= FINGERPRINT_TOP) return { tokenIds, logProbs, count };
  let rest = 0;
  for (let index = FINGERPRINT_TOP; index < Math.min(count, CANDIDATES); index++)
    rest += Math.exp(logProbs[index]!);
  const head = new Float64Array(FINGERPRINT_TOP + 1);
  for (let index = 0; index < FINGERPRINT_TOP; index++) head[index] = logProbs[index]!;
  head[FINGERPRINT_TOP] = Math.log(rest);
  return {
    tokenIds: Array.from({ length: FINGERPRINT_TOP + 1 }, (_, index) => tokenIds[index]!),
    logProbs: head,
    count: FINGERPRINT_TOP + 1,
  };
}
