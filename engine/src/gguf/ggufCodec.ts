import { type GgufScalar, type GgufType, type GgufValue, ggufType } from "./gguf.ts";
import { ggufError } from "./ggufError.ts";

type ScalarType = Exclude<GgufType, typeof ggufType.array>;

/** Reads GGUF's little-endian primitives one after the other. */
export class GgufCursor {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  string(): string {
    const length = Number(this.uint64());
    const start = this.#advance(length);
    return Buffer.from(this.#bytes.subarray(start, start + length)).toString("utf8");
  }

  value(): GgufValue {
    const type = this.uint32() as GgufType;
    if (type !== ggufType.array) return { type, value: this.#scalar(type) };
    const elementType = this.uint32() as ScalarType;
    const length = Number(this.uint64());
    return { type, elementType, value: Array.from({ length }, () => this.#scalar(elementType)) };
  }

  #scalar(type: ScalarType): GgufScalar {
    switch (type) {
      case ggufType.uint8:
        return this.#view.getUint8(this.#advance(1));
      case ggufType.int8:
        return this.#view.getInt8(this.#advance(1));
      case ggufType.uint16:
        return this.#view.getUint16(this.#advance(2), true);
      case ggufType.int16:
        return this.#view.getInt16(this.#advance(2), true);
      case ggufType.uint32:
        return this.uint32();
      case ggufType.int32:
        return this.#view.getInt32(this.#advance(4), true);
      case ggufType.float32:
        return this.#view.getFloat32(this.#advance(4), true);
      case ggufType.bool:
        return this.#view.getUint8(this.#advance(1)) !== 0;
      case ggufType.string:
        return this.string();
      case ggufType.uint64:
        return this.uint64();
      case ggufType.int64:
        return this.#view.getBigInt64(this.#advance(8), true);
      case ggufType.float64:
        return this.#view.getFloat64(this.#advance(8), true);
      default:
        throw ggufError(`metadata type ${String(type satisfies never)} is not supported`);
    }
  }

  #advance(byteCount: number): number {
    const start = this.position;
    this.position += byteCount;
    return start;
  }
}

/** Collects GGUF's little-endian primitives. */
export class GgufEncoder {
  readonly #parts: Uint8Array[] = [];

  uint32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value, true));
  }

  uint64(value: number | bigint): this {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  string(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    this.uint64(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  value(value: GgufValue): this {
    this.uint32(value.type);
    if (value.type !== ggufType.array) return this.#scalar(value.type, value.value);
    this.uint32(value.elementType).uint64(value.value.length);
    for (const element of value.value) this.#scalar(value.elementType, element);
    return this;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #scalar(type: ScalarType, value: GgufScalar): this {
    switch (type) {
      case ggufType.uint8:
      case ggufType.int8:
      case ggufType.bool:
        return this.#number(1, (view) => view.setUint8(0, Number(value)));
      case ggufType.uint16:
      case ggufType.int16:
        return this.#number(2, (view) => view.setUint16(0, Number(value), true));
      case ggufType.uint32:
      case ggufType.int32:
        return this.#number(4, (view) => view.setUint32(0, Number(value), true));
      case ggufType.float32:
        return this.#number(4, (view) => view.setFloat32(0, Number(value), true));
      case ggufType.string:
        return this.string(String(value));
      case ggufType.uint64:
      case ggufType.int64:
        return this.#number(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true));
      case ggufType.float64:
        return this.#number(8, (view) => view.setFloat64(0, Number(value), true));
      default:
        throw ggufError(`metadata type ${String(type satisfies never)} is not supported`);
    }
  }

  #number(byteCount: number, set: (view: DataView) => void): this {
    const bytes = new Uint8Array(byteCount);
    set(new DataView(bytes.buffer));
    this.#parts.push(bytes);
    return this;
  }
}
