import { MillraceError } from "@millrace/protocol";
import { z } from "zod";
import { chunksOf } from "../core/chunksOf.ts";

/** What a reply of 400 and up holds. */
const failure = z.object({
  error: z.object({ code: z.string().min(1), message: z.string(), hints: z.array(z.string()).catch([]) }),
});

/** Longer replies than this are no indexer's. */
const LONGEST_REPLY_BYTES = 64 * 1_048_576;

/**
 * Asks an indexer for one reply and checks its shape.
 *
 * @throws MillraceError `indexer-unreachable` (retryable; also where it fails or is not ready), `invalid-indexer-reply`,
 * the indexer's own code where it refuses (`unknown-model`, `unknown-job`, …, `invalid-request`); the signal's reason
 */
export async function requestJson<T>(
  url: URL,
  { schema, fetch, signal }: { schema: z.ZodType<T>; fetch: typeof globalThis.fetch; signal: AbortSignal },
): Promise<T> {
  const response = await openReply(url, { fetch, signal, accept: "application/json" });
  let body: unknown;
  try {
    body = JSON.parse(await readText(response));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SyntaxError) throw invalidReply(url, "It is not JSON.", cause);
    throw unreachable(url, "The reply broke off.", cause);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidReply(url, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

/** Sends a request; whatever is not a success is thrown, see {@link requestJson}. */
export async function openReply(
  url: URL,
  { fetch, signal, accept }: { fetch: typeof globalThis.fetch; signal: AbortSignal; accept: string },
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { accept }, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (response.ok) return response;
  const text = await readText(response).catch(() => "");
  signal.throwIfAborted();
  const parsed = failure.safeParse(parseJson(text));
  if (response.status >= 500 || response.status === 429 || !parsed.success) {
    const words = parsed.success ? `: ${parsed.data.error.message}` : "";
    throw unreachable(url, `It answers ${response.status}${words}`, undefined);
  }
  const { code, message, hints } = parsed.data.error;
  throw new MillraceError(message, { code, hints });
}

function unreachable(url: URL, details: string, cause: unknown): MillraceError {
  return new MillraceError("The indexer does not answer.", {
    code: "indexer-unreachable",
    retryable: true,
    details: `${url.origin}: ${details}`,
    hints: ["Check that it runs, and `indexers` in the network's description."],
    cause,
  });
}

function invalidReply(url: URL, details: string, cause: unknown): MillraceError {
  return new MillraceError("The indexer's reply is not what it should be.", {
    code: "invalid-indexer-reply",
    details: `${url.href}\n${details}`,
    hints: ["It may be of another version, or no indexer at all."],
    cause,
  });
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of chunksOf(response.body)) {
    sizeBytes += chunk.length;
    if (sizeBytes > LONGEST_REPLY_BYTES) {
      throw new SyntaxError(`The reply is longer than ${LONGEST_REPLY_BYTES} bytes.`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
