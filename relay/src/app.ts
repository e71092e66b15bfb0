import { blobHeaders } from "@millrace/protocol";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { RelayError } from "./errors.ts";
import { getBlob } from "./getBlob.ts";
import { keyParts } from "./keys.ts";
import { putBlob } from "./putBlob.ts";
import { type RelayState, statusOf } from "./state.ts";

/** How many proxies stand before the relay, or which; see https://expressjs.com/en/guide/behind-proxies.html */
export type TrustProxy = boolean | number | string;

/** The relay's routes. */
export function createApp(relay: RelayState, { trustProxy }: { trustProxy: TrustProxy }): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", trustProxy);
  app.set("query parser", "simple");
  app.set("case sensitive routing", true);
  app.use(logRequests(relay), allowBrowsers);
  app.get("/healthz", (_, response) => {
    response.json({ status: "ok", ...statusOf(relay) });
  });
  app
    .route(`/v1/blobs/${keyParts.map((part) => `:${part}`).join("/")}`)
    .get(tracked(relay, getBlob))
    .put(tracked(relay, putBlob));
  app.use(() => {
    throw new RelayError("There is nothing here.", { code: "unknown-route" });
  });
  app.use(answerErrors(relay));
  return app;
}

/** Lets closing wait for a handler to clean up, which may take longer than its connection lives. */
function tracked(
  relay: RelayState,
  handle: (relay: RelayState, request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return (request, response) => {
    const running = handle(relay, request, response).finally(() => relay.running.delete(running));
    relay.running.add(running);
    return running;
  };
}

function logRequests({ logger }: RelayState): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once("close", () => {
      const ms = Math.round(performance.now() - startedAt);
      const { method, path } = request;
      const whole = response.writableFinished;
      logger.info(
        { method, path: path.slice(0, 400), status: whole ? response.statusCode : undefined, ms },
        whole ? "answered" : "cut off",
      );
    });
    next();
  };
}

/** Pages of any origin may read and write: there are no cookies, and every blob carries its author's signature. */
const allowBrowsers: RequestHandler = (request, response, next) => {
  response.set({
    "access-control-allow-origin": "*",
    "access-control-expose-headers": `${blobHeaders.contentHash}, ${blobHeaders.signature}, etag`,
  });
  if (request.method !== "OPTIONS") return next();
  response.set({
    "access-control-allow-methods": "GET, HEAD, PUT",
    "access-control-allow-headers": ["content-type", ...Object.values(blobHeaders)].join(", "),
    "access-control-max-age": "86400",
  });
  response.status(204).end();
};

function answerErrors({ logger }: RelayState): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const known = toRelayError(error);
    if (response.headersSent || response.destroyed || (request.destroyed && !request.complete)) {
      response.destroy();
      if (known.code === "internal") logger.debug({ error }, "a connection ended early");
      return;
    }
    if (known.code === "internal") logger.error({ error }, "a request failed");
    else logger.debug({ code: known.code, details: known.details }, "refused");
    for (const name of response.getHeaderNames()) {
      if (!name.startsWith("access-control-")) response.removeHeader(name);
    }
    if (known.retryable) response.set("retry-after", "1");
    const { code, shortMessage: message, details, hints, retryable } = known;
    response.status(known.status).json({ error: { code, message, details, hints, retryable } });
  };
}

function toRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error;
  // Express: a path that does not decode.
  if (error instanceof URIError) {
    return new RelayError("The path does not name a blob.", { code: "invalid-path", cause: error });
  }
  return new RelayError("The relay failed.", { code: "internal", cause: error });
}
