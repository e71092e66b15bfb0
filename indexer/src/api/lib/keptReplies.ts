import type { Context, MiddlewareHandler } from "hono";
import { type Body, ReplyStore } from "./replyStore.ts";
import { readSnapshot } from "./status.ts";

/** They tell of the state itself. */
const neverKept = new Set(["/v1/status", "/v1/live"]);

/** Of `state`. Those under way when it ends go to one that nobody reads any more. */
let replies = new ReplyStore();
let state = "";

/**
 * Answers what was asked before, or is being asked, with the same bytes, for as long as the tables are as they were and
 * the same offers and bids are in time: until the next block, or the next second of a clock that is ahead of it. So a
 * reply is never older than the tables, and a crowd of readers costs as much as one.
 */
export const keptReplies: MiddlewareHandler = async (c, next) => {
  if ((c.req.method !== "GET" && c.req.method !== "HEAD") || neverKept.has(c.req.path)) return next();
  // Without one there is nothing to keep; but what fits no route is refused all the same.
  const snapshot = await readSnapshot().catch(() => undefined);
  if (snapshot === undefined) return next();
  const current = `${snapshot.version} ${snapshot.now}`;
  if (current !== state) {
    replies = new ReplyStore();
    state = current;
  }
  const request = requestOf(c);
  const kept = replies;
  const known = await kept.get(request);
  if (known) {
    // With its length a reply goes out whole, and not by way of a stream.
    const headers = { "content-type": "application/json", "content-length": String(known.length) };
    return c.body(known, 200, headers);
  }

  const end = kept.begin(request);
  let body: Body;
  try {
    await next();
    if (c.res.ok) body = new Uint8Array(await c.res.clone().arrayBuffer());
  } finally {
    end(body);
  }
};

/** The same for the same parameters in another order, or in other escapes. */
function requestOf(c: Context): string {
  const { searchParams } = new URL(c.req.url);
  searchParams.sort();
  return `${c.req.path}?${searchParams}`;
}
