import { bytesToHex, type Hex, hexToBytes, size } from "viem";
import { MillraceError } from "../errors.ts";
import type { StopReason } from "../types.ts";
import { CANDIDATES, type Row } from "./gumbel.ts";

// The most likely tokens of a few positions: evidence where outputs are too short for gaps to tell much.

/** Tokens of each row. */
export const FINGERPRINT_TOP = 8;

const ID_BYTES = 4;
const VALUE_BYTES = 2;
const ROW_BYTES = FINGERPRINT_TOP * (ID_BYTES + VALUE_BYTES);
/** Values are −ln p in 1/1024 nats. */
const SCALE = 1_024;
const MOST_VALUE = 0xffff;
/** One token that is far off shall not outweigh all others. Nats. */
const MOST_DIFFERENCE = 4;
const NO_TOKEN = 0xffff_ffff;

/** One row of a fingerprint. */
export interface FingerprintRow {
  tokenIds: number[];
  /** −ln p, in nats, p being relative to the row's candidates. */
  surprisals: number[];
}

/**
 * Which rows a fingerprint holds. Row r is what the model says of output token r; row −1 of the prompt's last token.
 *
 * The first two could come from a true prefill while the output comes from another model; the other two are drawn by the
 * output itself, so that they cannot be had before all of it.
 */
export function fingerprintRows({
  promptTokens,
  outputTokens,
  stopReason,
  outputTokensHash,
}: {
  promptTokens: number;
  outputTokens: number;
  stopReason: StopReason;
  outputTokensHash: Hex;
}): number[] {
  // Behind the last token there is a row only if the model stopped there.
  const last = stopReason === "stop" ? outputTokens : outputTokens - 1;
  const rows = promptTokens > 1 ? [-1, 0] : [0];
  if (last < 1) return rows;
  const hash = new DataView(hexToBytes(outputTokensHash).buffer);
  return [...rows, 1 + (hash.getUint32(0, true) % last), 1 + (hash.getUint32(4, true) % last)];
}

/** For each row the top 8: token id (uint32) and −ln p in 1/1024 nats (uint16), both little-endian. */
export function encodeFingerprint(rows: readonly Row[]): Hex {
  const bytes = new Uint8Array(rows.length * ROW_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const row of rows) {
    const normal = logMassOf(row);
    for (let i = 0; i < FINGERPRINT_TOP; i++) {
      const isThere = i < row.count;
      const surprisal = isThere ? Math.round((normal - row.logProbs[i]!) * SCALE) : MOST_VALUE;
      view.setUint32(offset, isThere ? row.tokenIds[i]! : NO_TOKEN, true);
      view.setUint16(offset + ID_BYTES, Math.min(MOST_VALUE, surprisal), true);
      offset += ID_BYTES + VALUE_BYTES;
    }
  }
  return bytesToHex(bytes);
}

/** @throws MillraceError `invalid-fingerprint` */
export function decodeFingerprint(bytes: Hex): FingerprintRow[] {
  if (size(bytes) % ROW_BYTES !== 0) {
    throw new MillraceError("A fingerprint has another size.", {
      code: "invalid-fingerprint",
      details: `${size(bytes)} bytes are no whole number of rows of ${ROW_BYTES}.`,
    });
  }
  const view = new DataView(hexToBytes(bytes).buffer);
  return Array.from({ length: view.byteLength / ROW_BYTES }, (_, row) => {
    const offsets = Array.from(
      { length: FINGERPRINT_TOP },
      (_, i) => row * ROW_BYTES + i * (ID_BYTES + VALUE_BYTES),
    );
    return {
      tokenIds: offsets.map((offset) => view.getUint32(offset, true)),
      surprisals: offsets.map((offset) => view.getUint16(offset + ID_BYTES, true) / SCALE),
    };
  });
}

/**
 * How far a fingerprint is from what a verifier sees: the mean over all its tokens of the difference in ln p, in nats, each
 * at most 4. A token that is not among the verifier's counts 4.
 *
 * @param rows the verifier's, in the same order
 */
export function fingerprintDistance(claimed: readonly FingerprintRow[], rows: readonly Row[]): number {
  if (claimed.length !== rows.length) throw new RangeError(`${claimed.length} rows for ${rows.length}`);
  let sum = 0;
  for (const [r, { tokenIds, surprisals }] of claimed.entries()) {
    const row = rows[r]!;
    const normal = logMassOf(row);
    const seen = new Map<number, number>();
    for (let i = 0; i < row.count; i++) seen.set(row.tokenIds[i]!, normal - row.logProbs[i]!);
    for (const [i, tokenId] of tokenIds.entries()) {
      const surprisal = seen.get(tokenId);
      sum +=
        surprisal === undefined
          ? MOST_DIFFERENCE
          : Math.min(MOST_DIFFERENCE, Math.abs(surprisals[i]! - surprisal));
    }
  }
  return claimed.length === 0 ? 0 : sum / (claimed.length * FINGERPRINT_TOP);
}

/** ln of the candidates' summed probabilities: engines give them relative to as many as they were asked for. */
function logMassOf({ logProbs, count }: Row): number {
  const most = Math.min(count, CANDIDATES);
  const first = logProbs[0] ?? 0;
  let mass = 0;
  for (let i = 0; i < most; i++) mass += Math.exp(logProbs[i]! - first);
  return first + Math.log(mass);
}
