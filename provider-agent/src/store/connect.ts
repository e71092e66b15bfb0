import pg from "pg";
import { StoreError } from "./errors.ts";

/** SQLSTATE of a server that is starting up or shutting down. */
const CANNOT_CONNECT_NOW = "57P03";

/** What was met where a server should be: nobody, one that is not ready to talk, or an open connection. */
export type Probe = { state: "absent" } | { state: "busy" } | { state: "ready"; client: pg.Client };

/** Names the server behind a Unix socket in `folder`, for any library that takes a connection string. */
export function socketUrl(folder: string, { port, user }: { port: number; user: string }): string {
  // TLS and the port are said in full, or PGSSLMODE and PGPORT of the environment would decide them.
  return `postgres://${user}@localhost:${port}/postgres?host=${encodeURIComponent(folder)}&sslmode=disable`;
}

/** Looks whether a server of ours answers. The caller ends the client of a ready one. */
export async function probeServer(connectionString: string): Promise<Probe> {
  const client = new pg.Client({ connectionString, application_name: "millrace store" });
  // Without a listener, a connection that drops would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return { state: "ready", client };
  } catch (error) {
    await client.end().catch(() => {});
    const code = (error as { code?: string }).code;
    if (code === "ENOENT" || code === "ECONNREFUSED") return { state: "absent" };
    if (code === CANNOT_CONNECT_NOW || code === "ECONNRESET" || code === "EPIPE") return { state: "busy" };
    throw new StoreError("The store's server refused the connection.", {
      code: "store-start-failed",
      cause: error,
    });
  }
}

/**
 * Checks that a server of the user's own answers and lets us in.
 *
 * @throws StoreError `store-invalid-url`, `store-unreachable`
 */
export async function checkDatabase(databaseUrl: string, timeoutMs = 10_000): Promise<void> {
  const shown = withoutPassword(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: timeoutMs });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
  } catch (cause) {
    throw new StoreError("The database does not answer.", {
      code: "store-unreachable",
      retryable: true,
      details: `${shown}: ${cause instanceof Error ? cause.message || (cause as { code?: string }).code : cause}`,
      hints: ["Check DATABASE_URL, or leave it out to run the built-in PostgreSQL."],
      cause,
    });
  } finally {
    await client.end().catch(() => {});
  }
}

function withoutPassword(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new StoreError("The database URL cannot be read.", {
      code: "store-invalid-url",
      hints: ["It looks like postgres://user:password@host:5432/database"],
    });
  }
  if (url.password) url.password = "…";
  return url.href;
}
