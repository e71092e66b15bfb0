import { readFile } from "node:fs/promises";
import { ENGINE_RELEASE, type Engine } from "@millrace/engine";
import {
  classHashOf,
  decodeModelClass,
  type ModelClass,
  type ModelSpec,
  modelClassOf,
} from "@millrace/protocol";
import { AgentError } from "./errors.ts";

/** The class of a model that nobody has calibrated: objective faults only. */
export const uncalibratedClass: ModelClass = modelClassOf(ENGINE_RELEASE);

/** Where the class of a GGUF file lies: beside it, with `.class.json` for `.gguf`. */
export function classPathOf(modelPath: string): string {
  return `${modelPath.replace(/\.gguf$/, "")}.class.json`;
}

/**
 * Reads the class that lies beside a model; {@link uncalibratedClass} if there is none.
 *
 * @throws AgentError `other-engine` if it is of another release; MillraceError `invalid-class`
 */
export async function readModelClass(modelPath: string): Promise<ModelClass> {
  const path = classPathOf(modelPath);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return uncalibratedClass;
    throw error;
  }
  const modelClass = decodeModelClass(text);
  if (modelClass.engine === ENGINE_RELEASE) return modelClass;
  throw new AgentError(`The model was calibrated for ${modelClass.engine}, this is ${ENGINE_RELEASE}.`, {
    code: "other-engine",
    details: path,
    hints: ["Calibrate it again with `millrace-provider calibrate`, which makes another model of it."],
  });
}

/** What this agent says its model is. */
export function modelSpecOf(
  { model, contextTokens }: Pick<Engine, "model" | "contextTokens">,
  modelClass: ModelClass = uncalibratedClass,
): ModelSpec {
  return {
    name: model.name,
    weightsHash: model.sha256,
    sizeBytes: BigInt(model.sizeBytes),
    quantization: model.quantization,
    contextTokens,
    chatTemplateHash: model.chatTemplateHash,
    licence: model.licence,
    classHash: classHashOf(modelClass),
  };
}
