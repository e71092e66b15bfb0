import { createRequire } from "node:module";
import type pg from "pg";
import { expect, test } from "vitest";
import { connectionOf } from "../../../../provider-agent/src/queue/connection.ts";

/** The module as BullMQ loads it. */
const bullmq = createRequire(import.meta.resolve("bullmq"));
const loaded = bullmq("pg") as typeof pg;

test.each([
  ["pool", connectionOf("postgresql://nobody@localhost/none").Client],
  ["LISTEN connection", loaded.Client],
])("an error of a client of BullMQ's %s ends nothing, at whatever moment it comes", (_, Client) => {
  const client = new Client();
  expect(() => client.emit("error", new Error("terminating connection"))).not.toThrow();
});
