import { type LiveBlock, MillraceError } from "@millrace/protocol";
import { chunksOf } from "../core/chunksOf.ts";
import { systemClock } from "../core/clock.ts";
import { liveBlock } from "./replies/market.ts";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** Fields of one event are short; more than this without a line's end is no event stream. */
const LONGEST_LINE = 65_536;

/**
 * Follows an event stream of blocks until the signal aborts; a connection that ends is made again, after a growing delay
 * where none brings anything.
 *
 * By hand and not by `EventSource`: Node has none without a flag, and that one's reconnecting cannot be bounded.
 */
export async function followBlocks(
  open: (signal: AbortSignal) => Promise<Response>,
  { onBlock, signal }: { onBlock: (block: LiveBlock) => void; signal: AbortSignal },
): Promise<void> {
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    try {
      const response = await open(signal);
      for await (const data of eventsNamed("block", response)) {
        const block = liveBlock.safeParse(parseJson(data));
        if (!block.success) continue;
        delayMs = FIRST_DELAY_MS;
        onBlock(block.data);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof MillraceError && !error.retryable) throw error;
    }
    await systemClock.sleep(delayMs, signal);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }
}

/** The data of each event of one name. */
async function* eventsNamed(name: string, response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  let event = "";
  let data = "";
  for await (const line of linesOf(response.body)) {
    if (line === "") {
      if (event === name && data !== "") yield data;
      event = "";
      data = "";
    } else if (line.startsWith("event:")) event = line.slice("event:".length).trim();
    else if (line.startsWith("data:")) data += line.slice("data:".length).trim();
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunksOf(body)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) return;
    yield* lines;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
