import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Stands between the agent and something it talks to, and can be cut. */
export interface Cable {
  url: string;
  cut(): void;
  mend(): void;
}

export async function cableTo(target: string): Promise<Cable> {
  let isCut = false;
  const server: Server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy();
    const options = { method: incoming.method, headers: incoming.headers };
    const onward = request(new URL(incoming.url!, target), options, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      server.closeAllConnections();
    },
    mend() {
      isCut = false;
    },
  };
}
