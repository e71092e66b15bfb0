import { MillraceError } from "@millrace/protocol";
import { type Address, isAddressEqual } from "viem";
import { localAccounts } from "./accounts.ts";
import { startArena } from "./cheats/arena.ts";
import { cheatKinds, cheats } from "./cheats/kinds.ts";
import { cheatReportOf, printCheatReport } from "./cheats/report.ts";
import { tellEvent } from "./cheats/story.ts";
import type { CheatDemoOptions } from "./config.ts";

/**
 * Lets a buyer meet a provider that cheats, and prints what came of it.
 *
 * @throws MillraceError `cheat-not-caught`
 */
export async function cheatDemo(
  { cheat: kind, model, json }: CheatDemoOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (kind === "list") return void console.log(cheatKinds.join("\n"));
  const startedAt = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedAt);
  // In JSON mode stdout is for the report alone.
  const say = json ? console.error : console.log;
  await using arena = await startArena({
    modelPath: model,
    onStep: (step) => say(`Starting ${step} …`),
    signal,
  });
  say(`\nA provider at half the price ${cheats[kind]}.\n`);
  const nameOf = (address: Address) =>
    isAddressEqual(address, localAccounts.provider(0).address) ? "the honest provider" : "the cheat";
  const outcome = await arena.play({
    kind,
    signal,
    onEvent: (event) => {
      const line = tellEvent(event, nameOf);
      if (line) say(`${(elapsedMs() / 1_000).toFixed(1).padStart(5)} s  ${line}`);
    },
  });
  const report = cheatReportOf(outcome, elapsedMs());
  printCheatReport(report, say);
  if (json) console.log(JSON.stringify(report));
  if (!report.caught) throw new MillraceError("The cheat was not caught.", { code: "cheat-not-caught" });
}
