import { decodeWeights, encodeWeights } from "./gguf/weightCodec.ts";
import type { Hex } from "./hex.ts";

/** A vector at unit length, as half floats, little-endian. */
export function encodeVector(vector: readonly number[]): Hex {
  const length = Math.hypot(...vector);
  const unit = Float32Array.from(vector, (value) => (length === 0 ? 0 : value / length));
  return `0x${Buffer.from(encodeWeights(unit, "F16")).toString("hex")}`;
}

/** @returns `undefined` for what is no vector of finite half floats */
export function decodeVector(bytes: string): Float32Array | undefined {
  if (!/^0x([0-9a-f]{4})*$/i.test(bytes)) return undefined;
  const vector = decodeWeights(Buffer.from(bytes.slice(2), "hex"), "F16");
  return vector.every(Number.isFinite) ? vector : undefined;
}

/** From -1 to 1; 0 if one of them has no direction. */
export function cosine(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) throw new RangeError(`${one.length} and ${other.length} dimensions`);
  const dot = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  const lengths = Math.sqrt(dot(one, one) * dot(other, other));
  return lengths === 0 ? 0 : dot(one, other) / lengths;
}
