import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type MarketRef, MillraceError } from "@millrace/protocol";
import { type Logger, pino } from "pino";
import { createPublicClient, http, type PublicClient } from "viem";
import { createApp, type TrustProxy } from "./app.ts";
import { Catalog } from "./catalog.ts";
import { hasCode } from "./errors.ts";
import { Failures } from "./failures.ts";
import { ServedMarket } from "./market.ts";
import { Slots } from "./slots.ts";
import { marketName, type RelayState, type RelayStatus, statusOf } from "./state.ts";
import { openFolderStore } from "./store/folderStore.ts";
import { Waiters } from "./waiters.ts";

/** A Market to serve, and the node to ask about its lots. A `Network` of the protocol is one. */
export type RelayNetwork = MarketRef & ({ rpcUrl: string } | { publicClient: PublicClient });

export interface CreateRelayParameters {
  /** Where the blobs are kept. One relay to a folder. */
  folder: string;
  networks: readonly RelayNetwork[];
  /** Default: any free one. */
  port?: number;
  /** Default: "127.0.0.1", which only this machine reaches. */
  host?: string;
  /** Default: 256 MiB. */
  maxBlobBytes?: number;
  /** What each of a lot's two authors may keep of it, versions included. Default: 1 GiB. */
  quotaBytesPerLot?: number;
  /** All blobs of one author. Default: 16 GiB. */
  quotaBytesPerAuthor?: number;
  /** Older blobs are removed. Default: 30 days. */
  retentionSeconds?: number;
  /** Uploads that one network address may have running. Default: 64 (and 1,024 in all). */
  uploadsPerAddress?: number;
  /** Requests of one network address that may wait for blobs. Default: 1,024 (and 16,384 in all). */
  waitersPerAddress?: number;
  /** Uploads of one network address that may fail on the chain or its signature. Default: 300. */
  failuresPerMinute?: number;
  /** Default: false. */
  trustProxy?: TrustProxy;
  /** How long transfers may go on after `close`. Default: 5,000. */
  closeGraceMs?: number;
  /** Default: silent. */
  logger?: Logger;
  /** Unix milliseconds. Default: `Date.now`. */
  now?: () => number;
}

export interface Relay extends AsyncDisposable {
  /** Where it listens, for `putBlob` and `getBlob`. */
  url: string;
  status(): RelayStatus;
  /** Removes blobs older than the retention. Runs by itself at the start and then hourly, or oftener. */
  sweep(): Promise<void>;
  /** Answers whoever waits, lets running transfers end for a while, and stops. */
  close(): Promise<void>;
}

const MIB = 1_048_576;

/**
 * Starts a relay.
 *
 * @throws MillraceError `port-in-use`, `relay-folder-not-writable`, `relay-no-network`
 * @example
 * await using relay = await createRelay({ folder: "/var/lib/millrace-relay", networks: [network], port: 7420 });
 */
export async function createRelay({
  folder,
  networks,
  port = 0,
  host = "127.0.0.1",
  maxBlobBytes = 256 * MIB,
  quotaBytesPerLot = 1_024 * MIB,
  quotaBytesPerAuthor = 16_384 * MIB,
  retentionSeconds = 30 * 24 * 3_600,
  uploadsPerAddress = 64,
  waitersPerAddress = 1_024,
  failuresPerMinute = 300,
  trustProxy = false,
  closeGraceMs = 5_000,
  logger = pino({ level: "silent" }),
  now = Date.now,
}: CreateRelayParameters): Promise<Relay> {
  if (networks.length === 0) {
    throw new MillraceError("The relay has no market to serve.", {
      code: "relay-no-network",
      hints: ["Name a network's file with --network or MILLRACE_NETWORK."],
    });
  }
  const store = await openFolderStore(folder);
  const catalog = new Catalog({ quotaBytesPerLot, quotaBytesPerAuthor });
  let lastTimeMs = 0;
  for await (const blob of store.list()) {
    catalog.add(blob);
    lastTimeMs = Math.max(lastTimeMs, blob.receivedAtMs);
  }
  const relay: RelayState = {
    markets: new Map(networks.map((network) => [marketName(network), serve(network, now)])),
    store,
    catalog,
    waiters: new Waiters(),
    failures: new Failures(failuresPerMinute, now),
    uploadSlots: new Slots("too-many-uploads", { perAddress: uploadsPerAddress, total: 1_024 }),
    waiterSlots: new Slots("too-many-waiters", { perAddress: waitersPerAddress, total: 16_384 }),
    running: new Set(),
    maxBlobBytes,
    logger,
    nextTimeMs() {
      lastTimeMs = Math.max(now(), lastTimeMs + 1);
      return lastTimeMs;
    },
  };

  const sweep = async () => {
    for (const blob of catalog.olderThan(now() - retentionSeconds * 1_000)) {
      catalog.remove(blob);
      await store.remove(blob);
    }
  };
  await sweep();

  const server = createServer(
    // Whoever sends or reads nothing for a minute is gone. An honest large upload takes long, but it moves.
    // Connections stay open between requests for as long: a client that hashes a large blob answers nobody meanwhile,
    // and would write into one that was closed behind its back.
    { requestTimeout: 3_600_000, keepAliveTimeout: 60_000 },
    createApp(relay, { trustProxy }),
  );
  server.timeout = 60_000;
  await listen(server, host, port);
  const sweeping = setInterval(() => {
    sweep().catch((error: unknown) => logger.error({ error }, "old blobs could not be removed"));
  }, Math.min(retentionSeconds, 3_600) * 1_000);
  sweeping.unref();

  const url = urlOf(server);
  logger.info({ url, folder, markets: [...relay.markets.keys()], blobs: catalog.blobs }, "listening");
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      clearInterval(sweeping);
      relay.waiters.close();
      await stop(server, closeGraceMs);
      await Promise.allSettled(relay.running);
      await store.close();
    })();
    return closed;
  };
  return { url, status: () => statusOf(relay), sweep, close, [Symbol.asyncDispose]: close };
}

function serve(network: RelayNetwork, now: () => number): ServedMarket {
  const { chainId, market } = network;
  const client =
    "publicClient" in network
      ? network.publicClient
      : createPublicClient({ transport: http(network.rpcUrl, { timeout: 5_000, retryCount: 1 }) });
  return new ServedMarket({ chainId, market }, client, now);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    if (!hasCode(cause, "EADDRINUSE")) throw cause;
    throw new MillraceError(`The relay cannot listen on port ${port}.`, {
      code: "port-in-use",
      hints: ["Choose another with --port or RELAY_PORT, or 0 for any free one."],
      cause,
    });
  }
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections that are kept alive fall idle one after the other, as their last answers end.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  await stopped;
  clearInterval(idle);
  clearTimeout(grace);
}
