import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { AgentError } from "../errors.ts";
import { type AgentStatus, formatStatus } from "../status.ts";
import type { Metrics } from "./metrics.ts";

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz`, `/metrics` and `/status`.
 *
 * @param port 0 takes any free one
 * @param maxBehindMs beyond this the chain counts as lost, and the agent as unhealthy
 * @throws AgentError `port-in-use`
 */
export async function startStatusServer({
  host,
  port,
  status,
  metrics,
  maxBehindMs,
}: {
  host: string;
  port: number;
  maxBehindMs: number;
  status: () => AgentStatus;
  metrics: Metrics;
}): Promise<StatusServer> {
  const app = express();
  app.disable("x-powered-by");
  app.get("/healthz", (_request, response) => {
    const { chainBehindMs } = status();
    const isHealthy = chainBehindMs < maxBehindMs;
    response.status(isHealthy ? 200 : 503).json({ status: isHealthy ? "ok" : "chain-lost", chainBehindMs });
  });
  app.get("/metrics", async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.get("/status", (_request, response) => {
    response.type("application/json").send(formatStatus(status()));
  });
  const server = app.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new AgentError(`The status server cannot listen on ${host}:${port}.`, {
      code: "port-in-use",
      hints: ["Choose another with MILLRACE_HTTP_PORT, or 0 for any free one."],
      cause,
    });
  }
  const { port: actualPort } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host}:${actualPort}`,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}
