import { MillraceError } from "@millrace/protocol";

export interface Line {
  /** Counted from 1. */
  number: number;
  text: string;
}

/** A file's content as it comes: bytes of a stream, or a text at hand. */
export type TextSource = string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const LINE_FEED = 0x0a;

/**
 * Splits UTF-8 into lines as it streams by. A byte-order mark and carriage returns at line ends are dropped.
 *
 * Only line feeds end a line: U+2028, at which Node's readline splits too, may stand unescaped inside JSON.
 *
 * @throws MillraceError `invalid-utf8`, naming the line
 */
export async function* readLines(source: TextSource): AsyncGenerator<Line> {
  const chunks = typeof source === "string" ? [new TextEncoder().encode(source)] : source;
  let number = 0;
  let pending: Uint8Array[] = [];
  const finish = (): Line => {
    number++;
    const bytes = pending.length === 1 ? pending[0]! : concatenate(pending);
    pending = [];
    return { number, text: decodeLine(bytes, number) };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      pending.push(chunk.subarray(start, end));
      start = end + 1;
      yield finish();
    }
    // Copied, as a stream may reuse its buffer.
    if (start < chunk.length) pending.push(chunk.slice(start));
  }
  if (pending.length > 0) yield finish();
}

function decodeLine(bytes: Uint8Array, number: number): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: number > 1 }).decode(bytes);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  } catch (cause) {
    throw new MillraceError(`Line ${number} is not UTF-8.`, { code: "invalid-utf8", cause });
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
