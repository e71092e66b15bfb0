export {
  type GgufHeader,
  type GgufScalar,
  type GgufSource,
  type GgufType,
  type GgufValue,
  ggufType,
  readGguf,
  readTensor,
  type StoredTensor,
  writeGguf,
} from "./gguf.ts";
export { hundredMillionShape, type LlamaShape, writeRandomModel } from "./randomModel.ts";
export {
  addNoise,
  dropLayer,
  layerCountOf,
  type MatrixFormats,
  readMatrixFormats,
  requantize,
} from "./rewrite.ts";
export { type GgufTensor, type TensorFormat, tensorFormats, tensorSizeBytes } from "./tensorFormats.ts";
export { canDecode, decodeWeights, encodeWeights, type WritableFormat } from "./weightCodec.ts";
