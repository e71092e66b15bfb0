import { MillraceError } from "@millrace/protocol";
import { BatchFileProblems } from "./batchFileError.ts";
import { readLines, type TextSource } from "./lines.ts";
import { type ChatBody, formatPath, requestLineSchema } from "./requestLine.ts";

/** One request of a batch. */
export interface BatchRequest {
  customId: string;
  /** Where it stood in the file, counted from 1. */
  line: number;
  body: ChatBody;
}

/**
 * Reads a file in OpenAI's batch format, line by line. Blank lines, a byte-order mark and CRLF are tolerated.
 *
 * @throws BatchFileError `malformed-line` or `duplicate-custom-id`, with every problem up to ten
 * @throws MillraceError `empty-file`, `invalid-utf8`
 */
export async function readRequests(source: TextSource): Promise<BatchRequest[]> {
  const requests: BatchRequest[] = [];
  const lineOf = new Map<string, number>();
  const problems = new BatchFileProblems();
  for await (const { number: line, text } of readLines(source)) {
    if (text.trim() === "") continue;
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch (cause) {
      const message = `not JSON (${(cause as Error).message})`;
      problems.add({ line, field: "", message, code: "malformed-line" });
      continue;
    }
    const parsed = requestLineSchema.safeParse(raw);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) {
        problems.add({ line, field: formatPath(path), message, code: "malformed-line" });
      }
      continue;
    }
    const { custom_id: customId } = parsed.data;
    const first = lineOf.get(customId);
    if (first !== undefined) {
      const message = `${JSON.stringify(customId)} stands already in line ${first}`;
      problems.add({ line, field: "custom_id", message, code: "duplicate-custom-id" });
      continue;
    }
    lineOf.set(customId, line);
    // The body as it was written, not as the schema rebuilt it: the order of its keys is the user's.
    requests.push({ customId, line, body: (raw as { body: ChatBody }).body });
  }
  problems.throwIfAny();
  if (requests.length === 0) {
    throw new MillraceError("The batch file has no requests.", {
      code: "empty-file",
      hints: [
        'Write one {"custom_id", "method", "url", "body"} object per line, as OpenAI\'s batch API has it.',
      ],
    });
  }
  return requests;
}
