import pg from "pg";
import { AgentError } from "../errors.ts";

/** How long a killed agent's connection may take to be noticed by the server. */
const TAKEOVER_MS = 5_000;

/**
 * Makes sure that only one agent works under a name in this database. The database gives the place back by itself when
 * the process dies.
 *
 * @throws AgentError `agent-running`
 */
export async function becomeSoleAgent(
  connectionString: string,
  name: string,
): Promise<{ close(): Promise<void> }> {
  const client = new pg.Client({ connectionString, application_name: "millrace agent" });
  // A database that goes away shows in the queues.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${TAKEOVER_MS}`);
    await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [`millrace agent ${name}`]);
  } catch (cause) {
    await client.end();
    throw new AgentError("Another agent of this account works for this market.", {
      code: "agent-running",
      hints: ["Stop it first, or give this one an account of its own."],
      cause,
    });
  }
  return { close: () => client.end() };
}
