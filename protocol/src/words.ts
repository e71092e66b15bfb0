import { createKeccak } from "hash-wasm";
import { bytesToHex, type Hex, hexToBytes, stringToBytes } from "viem";

/** A field of a hash preimage: a 32-byte value as hex or bytes, an address, or an unsigned integer. */
export type Word = Hex | Uint8Array | bigint | number;

const WORD_BYTES = 32;

/**
 * Encodes value-type fields as Solidity's `abi.encode` does: one 32-byte word each, left-padded.
 *
 * viem's encoder does the same from type descriptions; this one is several times faster, and a lot has up to a million
 * receipts.
 */
export function encodeWords(fields: readonly Word[]): Uint8Array {
  const out = new Uint8Array(fields.length * WORD_BYTES);
  for (let i = 0; i < fields.length; i++) writeWord(out, i * WORD_BYTES, fields[i]!);
  return out;
}

function writeWord(out: Uint8Array, offset: number, field: Word): void {
  if (typeof field === "number") {
    if (!Number.isSafeInteger(field) || field < 0) throw new RangeError(`Not an unsigned integer: ${field}`);
    let rest = field;
    for (let i = offset + WORD_BYTES - 1; rest > 0; i--) {
      out[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return;
  }
  if (typeof field === "bigint") {
    if (field < 0n || field >> 256n !== 0n) throw new RangeError(`Not a uint256: ${field}`);
    let rest = field;
    for (let i = offset + WORD_BYTES - 1; rest > 0n; i--) {
      out[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return;
  }
  const bytes = typeof field === "string" ? hexToBytes(field) : field;
  if (bytes.length > WORD_BYTES) throw new RangeError(`Longer than a word: ${bytes.length} bytes`);
  out.set(bytes, offset + WORD_BYTES - bytes.length);
}

// A lot has up to a million receipts, of a dozen permutations each: WebAssembly has 64-bit integers, and takes a sixth of
// the time of viem's keccak256 in JavaScript.
const keccak = await createKeccak(256);

/** keccak256 over bytes. */
export function hashBytes(bytes: Uint8Array): Uint8Array {
  return keccak.init().update(bytes).digest("binary");
}

/** keccak256 over `abi.encode(...fields)`, as bytes. */
export function hashWordsToBytes(fields: readonly Word[]): Uint8Array {
  return hashBytes(encodeWords(fields));
}

/** keccak256 over `abi.encode(...fields)`. */
export function hashWords(fields: readonly Word[]): Hex {
  return bytesToHex(hashWordsToBytes(fields));
}

/** keccak256 of a text's UTF-8 bytes. */
export function hashText(text: string): Hex {
  return bytesToHex(hashBytes(stringToBytes(text)));
}
