import { backersAbi } from "@millrace/protocol";
import { parseEventLogs } from "viem";
import { buyer, fillsOf, offersOfAll, PROVIDERS, providers, type Scenario } from "./scenario.ts";

const ASSETS = 10_000_000n;

/** Gas of backing a provider and of leaving it again, each where it is dearest: on slots that nobody used before. */
export async function measureBackers(scenario: Scenario) {
  const { chain } = scenario;
  // Nothing else here has a lot of theirs that still runs.
  const backed = providers[PROVIDERS - 1]!;
  const backer = providers[PROVIDERS - 2]!;
  const fill = fillsOf(offersOfAll.slice(PROVIDERS - 1));

  const opened = await chain.send(backed, "backers", "openPool", [1_000]);
  const first = await chain.send(backer, "backers", "back", [backed.address, ASSETS]);
  const again = await chain.send(buyer, "backers", "back", [backed.address, ASSETS]);

  const withOneFill = await scenario.open(fill);
  const { lots } = withOneFill;
  await scenario.submit(lots);
  const accepted = await scenario.accept(lots);
  // While a lot runs, and earnings vest.
  const running = await scenario.open(fill);
  const shares = ASSETS * 1_000_000n;
  const requested = await chain.send(backer, "backers", "requestExit", [backed.address, shares / 2n]);
  const [exit] = parseEventLogs({ abi: backersAbi, logs: requested.logs, eventName: "ExitRequested" });
  const more = await chain.send(buyer, "backers", "requestExit", [backed.address, shares]);

  await scenario.submit(running.lots);
  await scenario.accept(running.lots);
  const withdrawn = await chain.send(backer, "backers", "withdrawExit", [backed.address, exit!.args.cohort]);
  return {
    openPool: opened.gas,
    back: Math.max(first.gas, again.gas),
    requestExit: Math.max(requested.gas, more.gas),
    withdrawExit: withdrawn.gas,
    openJobWithOneBackedFill: withOneFill.sent.gas,
    acceptABackedLot: accepted.gas,
  };
}
