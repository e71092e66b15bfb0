import { resolve } from "node:path";
import type { AccountKind } from "./account.ts";
import { checkDatabase } from "./connect.ts";
import { startEmbeddedServer } from "./embeddedServer.ts";
import { StoreError } from "./errors.ts";

export interface OpenStoreParameters {
  /** A PostgreSQL server of the user's own; without it one is run in `folder`. */
  databaseUrl?: string | undefined;
  /** Where the built-in server keeps its data; one store per folder, nothing else in it. Made if missing. */
  folder: string;
  /**
   * Whether the built-in server waits for the disk at each commit. Without, killed processes still lose nothing,
   * but a power cut may: for tests and the local network. Default: true.
   */
  fsync?: boolean | undefined;
  /** Gives up opening; an open store is closed by {@link Store.close}. */
  signal?: AbortSignal | undefined;
  /** The ways to run the built-in server, in order. Default: those that suit the present user. */
  accountKinds?: readonly AccountKind[] | undefined;
}

/** A PostgreSQL database that is ours until closed. */
export interface Store {
  /** For `pg` and BullMQ. That of the built-in server holds no secret and is of use on this machine only. */
  readonly connectionString: string;
  /** Aborts with `store-lost` when the built-in server ends by itself. It is not started again. */
  readonly lost: AbortSignal;
  /** Ends the built-in server, after which all connections are gone: close queues and workers first. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the store: the user's own database if there is one, else PostgreSQL from npm, started in about half a second
 * (twice that the first time) and working as root, as any other user, and beneath a closed home.
 *
 * What was committed survives the death of this process, of the server and of both. A server that outlived a killed
 * process is taken over.
 *
 * @throws StoreError see {@link StoreErrorCode}
 * @example
 * await using store = await openStore({ folder: join(home, "store") });
 * const connection = { connectionString: store.connectionString, migrate: true };
 */
export async function openStore({
  databaseUrl,
  folder,
  fsync = true,
  signal,
  accountKinds,
}: OpenStoreParameters): Promise<Store> {
  signal?.throwIfAborted();
  const lost = new AbortController();
  if (databaseUrl !== undefined) {
    await checkDatabase(databaseUrl);
    return storeOf(databaseUrl, lost.signal, async () => {});
  }
  const server = await startEmbeddedServer({ folder: resolve(folder), fsync, signal, accountKinds });
  let closing = false;
  server.holder.once("end", () => {
    if (closing) return;
    lost.abort(
      new StoreError("The store's server has ended.", {
        code: "store-lost",
        retryable: true,
        details: folder,
      }),
    );
  });
  return storeOf(server.connectionString, lost.signal, () => {
    closing = true;
    return server.stop();
  });
}

function storeOf(connectionString: string, lost: AbortSignal, stop: () => Promise<void>): Store {
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= stop();
    return closed;
  };
  return { connectionString, lost, close, [Symbol.asyncDispose]: close };
}
