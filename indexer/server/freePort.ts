import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody listens on now. Ponder can pick one by itself, but does not tell which. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  // Of a TCP server that listened.
  return (address as { port: number }).port;
}
