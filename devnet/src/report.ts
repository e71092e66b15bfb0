import { formatAmount } from "@millrace/protocol";
import Table from "cli-table3";

/** What `millrace demo --json` prints. Amounts are base units of the asset as decimal strings. */
export interface DemoReport {
  items: { total: number; completed: number; failed: number };
  lots: { total: number; settled: number };
  tokens: { in: number; out: number };
  /** deposited = paid + fee + refunded. `buyerEnd` is the buyer's wallet after withdrawing everything. */
  asset: { deposited: string; paid: string; refunded: string; fee: string; buyerEnd: string };
  providers: { address: string; items: number; earned: string }[];
  gas: { buyer: string; provider: string; perItem: number };
  engine: { tokensPerSecond: number; busyMs: number };
  resultsPath: string;
  elapsedMs: number;
}

/** Prints a report for people. */
export function printReport(report: DemoReport, say: (text: string) => void): void {
  const { items, lots, tokens, asset, gas, engine } = report;
  const amount = (units: string) => `${formatAmount(BigInt(units))} TestUSD`;

  const summary = new Table({ style: { head: [], border: [] } });
  summary.push(
    ["items", `${items.completed} answered, ${items.failed} failed (not paid for), ${items.total} in all`],
    ["lots", `${lots.settled} of ${lots.total} settled`],
    ["tokens", `${tokens.in} in, ${tokens.out} out`],
    ["engine", `${engine.tokensPerSecond} tokens/s in all, busy for ${(engine.busyMs / 1000).toFixed(1)} s`],
    ["gas", `${gas.buyer} by the buyer, ${gas.provider} by the providers, ${gas.perItem} per item`],
  );
  say(`\n${summary}`);

  const providers = new Table({ head: ["provider", "items", "earned"], style: { head: [], border: [] } });
  for (const provider of report.providers) {
    providers.push([provider.address, provider.items, amount(provider.earned)]);
  }
  say(`${providers}`);

  const isConserved =
    BigInt(asset.deposited) === BigInt(asset.paid) + BigInt(asset.fee) + BigInt(asset.refunded);
  say(`deposited ${amount(asset.deposited)}
        = ${amount(asset.paid)} paid + ${amount(asset.fee)} fee + ${amount(asset.refunded)} refunded (${isConserved ? "exactly" : "NOT conserved"})
results   ${report.resultsPath}
took      ${(report.elapsedMs / 1000).toFixed(1)} s`);
}
