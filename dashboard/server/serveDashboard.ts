import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MillraceError, type Network } from "@millrace/protocol";
import { createApp } from "./app.ts";
import { buildDashboard } from "./buildDashboard.ts";

export interface ServeDashboardOptions {
  /** The market to show. The pages reach its RPC, relays and indexers, and nothing else. */
  network: Network;
  /** Default: any free one. */
  port?: number;
  /** Default: "127.0.0.1", which only this machine reaches. */
  host?: string;
}

export interface Dashboard extends AsyncDisposable {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard of one market, and builds it first where that is due.
 *
 * @throws MillraceError `port-in-use`
 * @example
 * await using dashboard = await serveDashboard({ network });
 * console.log(dashboard.url);
 */
export async function serveDashboard({
  network,
  port = 0,
  host = "127.0.0.1",
}: ServeDashboardOptions): Promise<Dashboard> {
  const folder = await buildDashboard();
  const server = createServer(createApp({ folder, network }));
  await listen(server, host, port);
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closed;
  };
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${actualPort}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new MillraceError(`The dashboard cannot listen on port ${port}.`, {
      code: "port-in-use",
      hints: ["Choose another with --port or DASHBOARD_PORT, or 0 for any free one."],
      cause,
    });
  }
}
