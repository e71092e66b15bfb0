import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { failure, newApp } from "../lib/app.ts";
import { followBlocks, requirePlace } from "../lib/blocks.ts";
import { pushNewest } from "../lib/pushNewest.ts";
import { noQuery } from "../schemas/fields.ts";

export const live = newApp();

live.openapi(
  createRoute({
    method: "get",
    path: "/v1/live",
    summary: "Server-sent events named `block`: whenever a block has been read, the latest at once.",
    responses: {
      200: {
        description: "The data of each is a `LiveBlock`.",
        content: { "text/event-stream": { schema: z.string() } },
      },
      400: failure("The request does not fit."),
      503: failure("As many as it serves follow it."),
    },
    request: { query: noQuery },
  }),
  (c) => {
    // Nobody would read, or end, what follows the headers.
    if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
    requirePlace();
    return streamSSE(c, async (stream) => {
      const ended = new AbortController();
      stream.onAbort(() => ended.abort());
      await pushNewest({
        follow: followBlocks,
        write: (block) =>
          block === undefined
            ? stream.write(": still here\n\n")
            : stream.writeSSE({ event: "block", data: JSON.stringify(block) }),
        giveUp: () => {
          stream.abort();
          // As Ponder's server has it: the stream alone would leave the connection open.
          (c.env as { outgoing: { destroy(): void } }).outgoing.destroy();
        },
        signal: ended.signal,
      });
    });
  },
);
