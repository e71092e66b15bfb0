import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Random } from "../../../simulation/random.ts";

/**
 * How a node fails: it takes no connection; it takes them and says nothing; it breaks off in the middle of a reply; it
 * answers with errors.
 */
export const ailments = ["refuses", "stalls", "cuts", "errs"] as const;
type Ailment = (typeof ailments)[number];

/** What is asked of a node. */
export interface Call {
  method: string;
  params: readonly unknown[];
}

/** A node's connection that can be made to fail. */
export interface FaultyProxy extends AsyncDisposable {
  url: string;
  /** Lets so many of the requests from now on fail like this. */
  fail(ailment: Ailment, share?: number): void;
  /** Lets all go through, and breaks off what stands still. */
  recover(): void;
  /** Does something before the next call that is like this, or any after it, goes through. Resolves once that was done. */
  before(isIt: (call: Call) => boolean, act: () => Promise<void>): Promise<void>;
}

/** @param random decides which requests fail. */
export async function startFaultyProxy(target: string, random: Random): Promise<FaultyProxy> {
  let ailment: Ailment | undefined;
  let share = 1;
  let watch: ((call: Call) => Promise<void>) | undefined;
  const listener: RequestListener = async (incoming, outgoing) => {
    if (ailment !== undefined && random.happens(share)) return fail(ailment, incoming, outgoing);
    const body = await text(incoming);
    await watch?.(JSON.parse(body) as Call);
    forward(target, { incoming, outgoing, body });
  };
  const fail = (how: Ailment, incoming: IncomingMessage, outgoing: ServerResponse) => {
    switch (how) {
      case "refuses":
        return void incoming.socket.destroy();
      case "stalls":
        return void incoming.resume();
      case "cuts":
        return void text(incoming).then((body) => forward(target, { incoming, outgoing, body, isCut: true }));
      case "errs":
        incoming.resume();
        return void outgoing.writeHead(random.happens(0.5) ? 429 : 502).end("busy");
    }
  };
  const server = createServer((incoming, outgoing) => {
    // Who asked has gone, or the driver's chain has: neither is anything to answer.
    void Promise.resolve(listener(incoming, outgoing)).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail(next, of = 1) {
      ailment = next;
      share = of;
      // Those that are open would go on.
      if (next === "refuses") server.closeAllConnections();
    },
    recover() {
      if (ailment === "stalls") server.closeAllConnections();
      ailment = undefined;
    },
    before: (isIt, act) =>
      new Promise((resolve, reject) => {
        let acting: Promise<void> | undefined;
        watch = async (call) => {
          if (!acting && !isIt(call)) return;
          const finish = () => {
            watch = undefined;
          };
          // Whatever else is asked meanwhile waits too, so that nobody sees the half of it.
          acting ??= act().finally(finish).then(resolve, reject);
          await acting;
        };
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  target: string,
  {
    incoming,
    outgoing,
    body,
    isCut = false,
  }: { incoming: IncomingMessage; outgoing: ServerResponse; body: string; isCut?: boolean },
): void {
  const { method, headers } = incoming;
  const onward = request(new URL(incoming.url!, target), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    if (!isCut) return void answer.pipe(outgoing);
    answer.once("data", (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => outgoing.destroy());
      answer.destroy();
    });
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  onward.end(body);
}
