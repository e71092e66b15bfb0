import { type GgufSource, type GgufValue, ggufType, readGguf, writeGguf } from "./gguf.ts";
import { ggufError } from "./ggufError.ts";
import { xorshift32 } from "./random.ts";
import { type GgufTensor, tensorSizeBytes } from "./tensorFormats.ts";

/** The shape of a llama-architecture model. */
export interface LlamaShape {
  layers: number;
  width: number;
  heads: number;
  kvHeads: number;
  feedForwardWidth: number;
  contextTokens: number;
}

/** 115 million parameters with a 2,048-token vocabulary. */
export const hundredMillionShape: LlamaShape = {
  layers: 16,
  width: 768,
  heads: 12,
  kvHeads: 12,
  feedForwardWidth: 2_048,
  contextTokens: 512,
};

/**
 * Writes a llama model of the given shape with random Q8_0 weights and the tokenizer and chat template of another
 * model: nonsense to read, but as costly to run as a trained one. The same seed gives the same bytes.
 */
export async function writeRandomModel(
  path: string,
  { tokenizerFrom, shape, seed = 1 }: { tokenizerFrom: string; shape: LlamaShape; seed?: number },
): Promise<void> {
  const { metadata: source } = await readGguf(tokenizerFrom);
  const tokens = source.get("tokenizer.ggml.tokens");
  if (tokens?.type !== ggufType.array) throw ggufError(`${tokenizerFrom} carries no tokenizer`);
  const tokenizer = [...source].filter(([key]) => key.startsWith("tokenizer."));
  const random = xorshift32(seed);
  await writeGguf(path, {
    metadata: new Map([...shapeMetadata(shape, tokens.value.length), ...tokenizer]),
    tensors: llamaTensors(shape, tokens.value.length).map((tensor) => ({
      ...tensor,
      data: () => weights(tensor, random),
    })),
  });
}

function shapeMetadata(shape: LlamaShape, vocabularySize: number): [string, GgufValue][] {
  const uint32 = (value: number): GgufValue => ({ type: ggufType.uint32, value });
  const float32 = (value: number): GgufValue => ({ type: ggufType.float32, value });
  const string = (value: string): GgufValue => ({ type: ggufType.string, value });
  return [
    ["general.architecture", string("llama")],
    ["general.name", string("Random llama for benchmarks")],
    ["general.license", string("CC0-1.0")],
    ["general.file_type", uint32(7)],
    ["general.quantization_version", uint32(2)],
    ["llama.vocab_size", uint32(vocabularySize)],
    ["llama.context_length", uint32(shape.contextTokens)],
    ["llama.embedding_length", uint32(shape.width)],
    ["llama.block_count", uint32(shape.layers)],
    ["llama.feed_forward_length", uint32(shape.feedForwardWidth)],
    ["llama.rope.dimension_count", uint32(shape.width / shape.heads)],
    ["llama.rope.freq_base", float32(10_000)],
    ["llama.attention.head_count", uint32(shape.heads)],
    ["llama.attention.head_count_kv", uint32(shape.kvHeads)],
    ["llama.attention.layer_norm_rms_epsilon", float32(1e-5)],
  ];
}

function llamaTensors(shape: LlamaShape, vocabularySize: number): GgufTensor[] {
  const { width, feedForwardWidth } = shape;
  const kvWidth = (width / shape.heads) * shape.kvHeads;
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    dimensions: [columns, rows],
    format: "Q8_0",
  });
  const norm = (name: string): GgufTensor => ({ name: `${name}.weight`, dimensions: [width], format: "F32" });
  const layers = Array.from({ length: shape.layers }, (_, layer) => {
    const block = `blk.${layer}`;
    return [
      norm(`${block}.attn_norm`),
      matrix(`${block}.attn_q`, width, width),
      matrix(`${block}.attn_k`, width, kvWidth),
      matrix(`${block}.attn_v`, width, kvWidth),
      matrix(`${block}.attn_output`, width, width),
      norm(`${block}.ffn_norm`),
      matrix(`${block}.ffn_gate`, width, feedForwardWidth),
      matrix(`${block}.ffn_up`, width, feedForwardWidth),
      matrix(`${block}.ffn_down`, feedForwardWidth, width),
    ];
  });
  return [matrix("token_embd", width, vocabularySize), ...layers.flat(), norm("output_norm")];
}

function weights(
  tensor: GgufTensor,
  random: () => number,
): ReturnType<GgufSource["tensors"][number]["data"]> {
  const bytes = new Uint8Array(tensorSizeBytes(tensor));
  if (tensor.format === "F32") {
    new Float32Array(bytes.buffer).fill(1);
    return bytes;
  }
  // A Q8_0 block: a half-precision scale, then 32 signed bytes. The scale keeps activations near unit variance:
  // uniform bytes have a deviation of 74, and a row sums over `columns` of them.
  const scale = halfFloatBits(1 / (74 * Math.sqrt(tensor.dimensions[0]!)));
  for (let block = 0; block < bytes.length; block += 34) {
    bytes[block] = scale & 0xff;
    bytes[block + 1] = scale >> 8;
    for (let index = 2; index < 34; index += 4) {
      const word = random();
      bytes[block + index] = word;
      bytes[block + index + 1] = word >>> 8;
      bytes[block + index + 2] = word >>> 16;
      bytes[block + index + 3] = word >>> 24;
    }
  }
  return bytes;
}

function halfFloatBits(value: number): number {
  return new Uint16Array(Float16Array.of(value).buffer)[0]!;
}
