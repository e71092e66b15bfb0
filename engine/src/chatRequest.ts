import { z } from "zod";
import { invalidInput } from "./errors.ts";

/**
 * OpenAI fields that cannot change which tokens come out, and are therefore ignored.
 * Every field that is neither here, nor in the schema, nor switched off is refused by name:
 * an answer that silently disregards a setting is a wrong answer that someone pays for.
 */
const harmlessFields = new Set([
  "model",
  "user",
  "metadata",
  "store",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prediction",
  "stream_options",
  "parallel_tool_calls",
]);

/** Fields we do not honour, with the values at which they have no effect. `null` always counts as absent. */
const fieldsWithNeutralValue: Record<string, (value: unknown) => boolean> = {
  n: (value) => value === 1,
  stream: (value) => value === false,
  top_p: (value) => value === 1,
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: (value) => isEmpty(value),
  tools: (value) => isEmpty(value),
  functions: (value) => isEmpty(value),
  tool_choice: (value) => value === "none" || value === "auto",
  function_call: (value) => value === "none" || value === "auto",
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === "text",
  reasoning_effort: (value) => value === "none",
};

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Lone surrogates have no UTF-8 encoding, so a hash over the prompt's bytes could not bind them. */
const text = z
  .string()
  .refine((value) => value.isWellFormed(), "must be well-formed Unicode (no lone surrogates)");

const contentPart = z.object({
  type: z.literal("text", "only text parts are supported by this model"),
  text,
});

const message = z.object({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([text, z.array(contentPart)], "must be text, or a list of text parts"),
  /** Participants' names are not rendered by chat templates. */
  name: z.string().optional(),
  tool_calls: z.array(z.never("tool calls are not supported")).optional(),
  refusal: z.null("refusals are not supported").optional(),
});

const stopString = text
  .min(1, "must not be empty")
  .refine((value) => !value.includes("\uFFFD"), "must not contain U+FFFD, which stands for half a character");

const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({
      name: z.string().optional(),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().optional(),
    }),
  }),
]);

/**
 * The part of an OpenAI chat-completion request that this engine honours. Unknown keys are stripped here;
 * {@link parseChatRequest} refuses those of them that would change the output.
 */
export const chatRequestSchema = z.object({
  messages: z.array(message).min(1, "must hold at least one message"),
  /** In tokens. Default: what the context leaves after the prompt. */
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  /**
   * 0 is greedy; else 0.2 to 1.5, for which outputs can be told from those of other models. Default: 1, as OpenAI
   * has it.
   */
  temperature: z
    .number()
    .refine((value) => value === 0 || (value >= 0.2 && value <= 1.5), "must be 0, or 0.2 to 1.5")
    .optional(),
  /** Default: derived from the request itself, so that a replay gives the same answer. */
  seed: z.int().optional(),
  stop: z.union([stopString, z.array(stopString).max(16)], "must be a text or a list of texts").optional(),
  response_format: responseFormat.optional(),
});

export type ChatRequest = z.input<typeof chatRequestSchema>;
export type ChatMessage = ChatRequest["messages"][number];
export type ResponseFormat = z.output<typeof responseFormat>;

/**
 * Checks a request of unknown origin (the `body` of a line of an OpenAI batch file).
 *
 * @throws MillraceError `invalid-input`, naming the first offending field
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function parseChatRequest(body: unknown): z.output<typeof chatRequestSchema> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidInput("body", "must be a JSON object");
  }
  const present = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  for (const [field, value] of present) {
    if (Object.hasOwn(chatRequestSchema.shape, field) || harmlessFields.has(field)) continue;
    const isNeutral = Object.hasOwn(fieldsWithNeutralValue, field)
      ? fieldsWithNeutralValue[field]
      : undefined;
    if (isNeutral?.(value)) continue;
    throw invalidInput(field, "this engine does not honour it", [`Remove "${field}" from the request.`]);
  }
  const parsed = chatRequestSchema.safeParse(Object.fromEntries(present));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw invalidInput(formatPath(issue.path), issue.message);
  }
  const { max_tokens, max_completion_tokens } = parsed.data;
  if (
    max_tokens !== undefined &&
    max_completion_tokens !== undefined &&
    max_tokens !== max_completion_tokens
  ) {
    throw invalidInput("max_completion_tokens", `differs from max_tokens (${max_tokens})`, [
      "Give only one of them.",
    ]);
  }
  return parsed.data;
}

function formatPath(path: readonly PropertyKey[]): string {
  let formatted = "";
  for (const key of path)
    formatted += typeof key === "number" ? `[${key}]` : `${formatted ? "." : ""}${String(key)}`;
  return formatted || "body";
}
