import { MillraceError } from "@millrace/protocol";
import { withChainErrors } from "./chainErrors.ts";
import type { Core } from "./core.ts";

/** How long a relay may take to say that it is there. */
const RELAY_TIMEOUT_MS = 10_000;

/**
 * Checks that the chain is the one described and that at least one relay answers.
 *
 * @throws MillraceError `wrong-chain`, `chain-unreachable` (retryable), `no-relay`, `relay-unreachable` (retryable)
 */
export async function checkNetwork(core: Core): Promise<void> {
  const { network, publicClient, relays } = core;
  const chainId = await withChainErrors(() => publicClient.getChainId());
  if (chainId !== network.chainId) {
    throw new MillraceError(`The chain at ${network.rpcUrl} is ${chainId}, not ${network.chainId}.`, {
      code: "wrong-chain",
      hints: ["Check `rpcUrl` and `chainId` in the network's description."],
    });
  }
  if (relays.length === 0) {
    throw new MillraceError("The network names no relay.", {
      code: "no-relay",
      hints: ["Name one in the network's `relays`."],
    });
  }
  const answers = await Promise.all(relays.map(answersAtAll));
  if (answers.some((answer) => answer)) return;
  throw new MillraceError("No relay answers.", {
    code: "relay-unreachable",
    retryable: true,
    details: relays.join("\n"),
    hints: ["Check that one runs, and `relays` in the network's description."],
  });
}

/** Whatever the answer: that there is one is enough here. */
async function answersAtAll(relay: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/healthz", relay), {
      signal: AbortSignal.timeout(RELAY_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
