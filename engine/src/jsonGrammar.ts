import type { GbnfJsonSchema, Llama, LlamaGrammar } from "node-llama-cpp";
import type { ResponseFormat } from "./chatRequest.ts";
import { invalidInput } from "./errors.ts";
import { toGbnfJsonSchema } from "./jsonSchema.ts";

/** Batches repeat one schema over many requests; compiled grammars are shared (their evaluation states are not). */
const cachedGrammars = 64;

/**
 * Parts of node-llama-cpp's grammars that we take out: the blank lines after the JSON, so that only an end token is
 * legal there and the output is the JSON and nothing else; and exponents, which let a number overflow and an
 * integer be a fraction (`1e-5`).
 */
const unwanted = [String.raw` "\n\n\n\n" [\n]*`, ` ([eE] [-+]? ("0" | [1-9] [0-9]{0,15}))?`];

/** Compiles a request's `response_format` into a grammar; `undefined` for plain text. */
export type GrammarSource = (format: ResponseFormat | undefined) => Promise<LlamaGrammar | undefined>;

/** @throws (the returned function) MillraceError `invalid-input` for a schema that cannot be honoured in full */
export function createGrammarSource(llama: Llama): GrammarSource {
  const grammars = new Map<string, LlamaGrammar>();
  return async (format) => {
    if (!format || format.type === "text") return undefined;
    const schema = format.type === "json_object" ? { type: "object" } : format.json_schema.schema;
    const key = JSON.stringify(schema);
    const cached = grammars.get(key);
    if (cached) return cached;
    const grammar = await compile(llama, toGbnfJsonSchema(schema));
    const [oldest] = grammars.keys();
    if (grammars.size >= cachedGrammars && oldest !== undefined) grammars.delete(oldest);
    grammars.set(key, grammar);
    return grammar;
  };
}

async function compile(llama: Llama, schema: GbnfJsonSchema): Promise<LlamaGrammar> {
  try {
    // The cast undoes the library's inference over literal schema types; ours is only known at run time.
    const { grammar } = await llama.createGrammarForJsonSchema(schema as { type: "object" });
    return await llama.createGrammar({
      grammar: unwanted.reduce((text, part) => text.replaceAll(part, ""), grammar),
    });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw invalidInput("response_format.json_schema.schema", `cannot be compiled (${problem})`);
  }
}
