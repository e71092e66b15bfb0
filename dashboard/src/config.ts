import { MillraceError, type Network, parseNetwork } from "@millrace/protocol";

/**
 * Loads the market that this dashboard was started for.
 *
 * @throws MillraceError `dashboard-not-configured`, `invalid-network`
 */
export async function loadNetwork(): Promise<Network> {
  const fail = (details: string, cause?: unknown) =>
    new MillraceError("The dashboard cannot read which market it shows.", {
      code: "dashboard-not-configured",
      retryable: true,
      details,
      hints: ["Start it with `./millrace dashboard --network FILE`."],
      cause,
    });
  const response = await fetch("/config.json").catch((cause: unknown) => {
    throw fail("Its server does not answer.", cause);
  });
  if (!response.ok) throw fail(`/config.json: HTTP ${response.status}`);
  return parseNetwork(await response.text());
}
