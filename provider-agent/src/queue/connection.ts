import pg from "pg";

/** The schema in the agent's database that holds its queues. */
const SCHEMA = "millrace";

/**
 * A client that may lose its connection at any moment. The pool listens for that only while the client is idle: a
 * server that goes away between two queries of a transaction would end the process.
 */
class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // The next query fails, and says so to who asked.
    this.on("error", () => {});
  }
}

// BullMQ makes its LISTEN client by this name, and listens for its errors only once it is connected: a server that dies in
// between would end the process.
Object.assign(pg, { Client: SteadyClient });

/** How a queue of BullMQ's reaches its tables. */
export function connectionOf(connectionString: string) {
  return { connectionString, migrate: true, schema: SCHEMA, max: 2, Client: SteadyClient };
}
