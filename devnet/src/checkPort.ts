import { once } from "node:events";
import { createServer } from "node:net";
import { MillraceError } from "@millrace/protocol";

/**
 * Says early, and in our words, that a port is taken. Hardhat's server, for one, dies of it.
 *
 * @param flag the option with which the user chooses the port
 * @throws MillraceError `port-in-use`
 */
export async function checkPort(port: number, flag: string): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  try {
    await once(probe.listen(port, "127.0.0.1"), "listening");
  } catch (cause) {
    throw new MillraceError(`Port ${port} cannot be listened on.`, {
      code: "port-in-use",
      hints: [`Choose another with ${flag}, or leave it out for any free one.`],
      cause,
    });
  }
  probe.close();
  await once(probe, "close");
}
