import Table from "cli-table3";
import type { Outcome, Party } from "./arena.ts";
import type { Caught } from "./caught.ts";
import { type CheatKind, cheats } from "./kinds.ts";
import { amount } from "./story.ts";

/** What `millrace demo --cheat KIND --json` prints. Amounts are base units of the asset as decimal strings. */
export interface CheatReport {
  cheat: CheatKind;
  /** Undefined: it was not. */
  caught: Caught | undefined;
  items: { total: number; completed: number; failed: number };
  /** What the cheat lost, and to whom; `buyer` is compensation and bounty. All zero if it was not caught. */
  slash: { jurors: string; buyer: string; vault: string; total: string };
  /** What each has in the Market, before and after. */
  money: Record<Party, { before: string; after: string; change: string }>;
  /** Whether nothing came from nowhere, or went there. */
  isConserved: boolean;
  /** Whether the buyer has every answer, and paid no more than the honest provider's price. */
  isBuyerWhole: boolean;
  elapsedMs: number;
}

export function cheatReportOf(outcome: Outcome, elapsedMs: number): CheatReport {
  const { kind, result, slash, before, after } = outcome;
  const parties = Object.keys(before) as Party[];
  const change = (party: Party) => after[party] - before[party];
  const money = Object.fromEntries(
    parties.map((party) => [
      party,
      { before: String(before[party]), after: String(after[party]), change: String(change(party)) },
    ]),
  ) as CheatReport["money"];
  const toBuyer = slash ? slash.compensation + slash.bounty : 0n;
  const { paid, fee } = result.settlement;
  return {
    cheat: kind,
    caught: slash?.caught,
    items: result.items,
    slash: {
      jurors: String(slash?.cost ?? 0n),
      buyer: String(toBuyer),
      vault: String(slash?.toVault ?? 0n),
      total: String(slash ? slash.cost + toBuyer + slash.toVault : 0n),
    },
    money,
    isConserved: parties.reduce((sum, party) => sum + change(party), 0n) === 0n,
    isBuyerWhole: result.items.completed === result.items.total && change("buyer") >= -(paid + fee),
    elapsedMs,
  };
}

/** Prints a report for people. */
export function printCheatReport(report: CheatReport, say: (text: string) => void): void {
  const { caught, money, slash, items } = report;
  say(`\n${report.cheat}: the provider ${cheats[report.cheat]}.`);
  say(caught ? describeCaught(caught) : "It was NOT caught.");
  const table = new Table({
    head: ["in the Market", "before", "after", "change"],
    style: { head: [], border: [] },
  });
  for (const [party, { before, after, change }] of Object.entries(money)) {
    const sign = BigInt(change) > 0n ? "+" : "";
    table.push([
      names[party as Party],
      ...[before, after].map((units) => amount(BigInt(units))),
      `${sign}${change}`,
    ]);
  }
  say(`${table}`);
  say(`It lost ${slash.total} units: ${slash.jurors} to the jurors, ${slash.buyer} to the buyer, ${slash.vault} to the vault.
The buyer has ${items.completed} of ${items.total} answers and ${report.isBuyerWhole ? "paid no more than the honest provider's price" : "is NOT whole"}.
Every unit is accounted for: ${report.isConserved ? "yes" : "NO"}. Took ${(report.elapsedMs / 1000).toFixed(1)} s.`);
}

const names: Record<Party, string> = {
  buyer: "buyer",
  cheat: "cheat",
  honest: "honest provider",
  jurors: "jurors and court",
  vault: "fee vault",
};

function describeCaught(caught: Caught): string {
  switch (caught.by) {
    case "proof":
      return caught.fault === "no-answer"
        ? `It did not show the receipt of item ${caught.index} when asked to, and was slashed for that.`
        : `Hashes alone proved it (fault "${caught.fault}", item ${caught.index}); no jury was needed.`;
    case "demand":
      return "The results were demanded on-chain and did not come in time; no jury was needed.";
    case "jury": {
      const subject =
        caught.about === "delivery"
          ? "whether what it delivered is what it committed to"
          : `item ${caught.index} and what follows it in the audit set`;
      return `A jury of ${caught.votes.length} looked at ${subject}: votes ${caught.votes.join(", ")}, median ${caught.median} (64 is twice what is tolerated).`;
    }
  }
}
