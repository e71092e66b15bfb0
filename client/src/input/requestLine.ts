import { z } from "zod";

/** A count of tokens: the chain holds caps as uint32. */
const tokenCount = z.int().min(1).max(0xffff_ffff).nullish();

const message = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()]).optional(),
});

/** What the client reads of a chat request; everything else goes to the provider untouched. */
const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  temperature: z
    .number()
    .refine((value) => value === 0 || (value >= 0.2 && value <= 1.5), "must be 0, or 0.2 to 1.5")
    .nullish(),
  seed: z.int().nullish(),
  stream: z.literal(false, "must be false: a batch has no stream").nullish(),
});

export type ChatBody = z.output<typeof chatBody>;

/**
 * One line of an OpenAI batch file.
 *
 * @see https://platform.openai.com/docs/api-reference/batch/request-input
 */
export const requestLineSchema = z.looseObject({
  custom_id: z.string().min(1),
  method: z.literal("POST", 'must be "POST"'),
  url: z.literal("/v1/chat/completions", 'must be "/v1/chat/completions"'),
  body: chatBody,
});

/** Where in a line a problem is, as `body.messages[0].role`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let formatted = "";
  for (const key of path) {
    formatted += typeof key === "number" ? `[${key}]` : `${formatted && "."}${String(key)}`;
  }
  return formatted;
}
