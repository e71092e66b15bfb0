import { db } from "ponder:api";
import schema from "ponder:schema";
import { bodyLimit } from "hono/body-limit";
import { graphql } from "ponder";
import { newApp } from "./lib/app.ts";
import { ApiError, errorBody } from "./lib/errors.ts";
import { keptReplies } from "./lib/keptReplies.ts";
import { accounts } from "./routes/accounts.ts";
import { book } from "./routes/book.ts";
import { cases } from "./routes/cases.ts";
import { governance } from "./routes/governance.ts";
import { jobs } from "./routes/jobs.ts";
import { live } from "./routes/live.ts";
import { market } from "./routes/market.ts";
import { models } from "./routes/models.ts";
import { prices } from "./routes/prices.ts";
import { providers } from "./routes/providers.ts";
import { quotes } from "./routes/quotes.ts";
import { stake } from "./routes/stake.ts";

const LONGEST_QUERY_BYTES = 16_384;

const app = newApp();
app.use("/v1/*", keptReplies);
app.use(
  "/graphql",
  bodyLimit({
    maxSize: LONGEST_QUERY_BYTES,
    onError: (c) => c.json(errorBody("too-long", `A query takes at most ${LONGEST_QUERY_BYTES} bytes.`), 413),
  }),
  graphql({ db, schema }, { maxOperationTokens: 1_000, maxOperationDepth: 100, maxOperationAliases: 10 }),
);
const parts = [
  market,
  live,
  models,
  book,
  prices,
  quotes,
  providers,
  jobs,
  cases,
  governance,
  stake,
  accounts,
];
for (const part of parts) app.route("/", part);

app.doc31("/openapi.json", {
  openapi: "3.1.0",
  info: {
    title: "Millrace indexer",
    version: "1",
    description: "What happened in one market, by its events: a view, and no authority.",
  },
});

for (const path of new Set(app.routes.filter(({ method }) => method === "GET").map((route) => route.path))) {
  app.all(path, (c) =>
    c.json(errorBody("method-not-allowed", `${c.req.path} can only be read.`), 405, {
      allow: "GET, HEAD, OPTIONS",
    }),
  );
}

// Ponder takes routes alone, and has an own answer where there is none.
app.all("*", (c) =>
  c.json(
    errorBody("unknown-route", `There is no ${c.req.path}.`, ["/openapi.json lists all that there is."]),
    404,
  ),
);

app.onError((error, c) => {
  if (error instanceof ApiError)
    return c.json(errorBody(error.code, error.message, error.hints), error.status);
  if (isBusy(error)) {
    const hints = ["Ask again in a few seconds."];
    return c.json(errorBody("busy", "The indexer's tables are locked while it starts.", hints), 503);
  }
  console.error(error);
  return c.json(errorBody("internal", "The indexer failed to answer.", ["Its log says why."]), 500);
});

/** PostgreSQL's `lock_not_available`, as its driver or Ponder's layers above that put it. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "55P03") || isBusy(error.cause);
}

export default app;
