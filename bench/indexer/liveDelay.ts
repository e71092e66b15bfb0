import type { LiveBlock } from "@millrace/protocol";
import type { MarketDriver } from "../../test/helpers/marketDriver/marketDriver.ts";

/** How long each of so many blocks takes from when it is mined to when the API has it, in milliseconds. */
export async function timeBlocks(market: MarketDriver, url: string, blocks: number): Promise<number[]> {
  const { address } = await market.trader();
  const ended = new AbortController();
  const response = await fetch(`${url}/v1/live`, { signal: ended.signal });
  const waiting = new Map<number, (at: number) => void>();
  let latest = -1;
  const reading = follow(response.body!, ({ block }) => {
    latest = block;
    for (const [number, resolve] of waiting) {
      if (number <= block) resolve(performance.now());
    }
  });
  try {
    const delays: number[] = [];
    for (let i = 0; i < blocks; i++) {
      await market.send(address, "market", "deposit", [address, 1n]);
      const minedAt = performance.now();
      const number = Number(await market.reader.getBlockNumber());
      const seenAt = await new Promise<number>((resolve) => {
        if (latest >= number) resolve(performance.now());
        else waiting.set(number, resolve);
      });
      waiting.delete(number);
      delays.push(seenAt - minedAt);
    }
    return delays;
  } finally {
    ended.abort();
    await reading.catch(() => {});
  }
}

/** Reads server-sent events named `block`. */
async function follow(
  stream: ReadableStream<Uint8Array>,
  onBlock: (block: LiveBlock) => void,
): Promise<void> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (/^event: ?block$/m.test(event) && data !== undefined) onBlock(JSON.parse(data) as LiveBlock);
    }
  }
}
