import { parseAmount } from "@millrace/protocol";
import { type Command, InvalidArgumentError } from "commander";
import type { Address } from "viem";
import type { Backing } from "../backing/pool.ts";
import { address } from "./accountCommands.ts";
import { price } from "./buyOptions.ts";
import { clientOf } from "./client.ts";
import { amount, printJson, printTable, short } from "./print.ts";

/** Flags as commander names them. */
interface AddFlags {
  maxCommission?: number;
}

export function addBackingCommands(program: Command): void {
  const backing = program
    .command("backing")
    .description("Bear a provider's collateral, and share what it earns.");

  backing
    .command("list", { isDefault: true })
    .description("show what the account has behind providers, and what is on its way back")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const backings = await (await clientOf(command)).backing.list();
      if (json) return printJson(backings);
      if (backings.length === 0) return console.log("The account backs nobody.");
      printTable(["provider", "worth", "commission", "leaving", "payable now"], backings.map(rowOf));
    });

  backing
    .command("add")
    .description("put free balance behind a provider; it answers for lots that run already, too")
    .argument("<provider>", "an address", address)
    .argument("<amount>", "such as 12.5", price)
    .option(
      "--max-commission <percent>",
      "back nobody who keeps more of what backers earn, such as 12.5",
      percent,
    )
    .action(async (provider: Address, units: bigint, { maxCommission }: AddFlags, command: Command) => {
      const millrace = await clientOf(command);
      const limit = maxCommission !== undefined && { maxCommissionBps: maxCommission };
      await millrace.backing.add({ provider, amount: units, ...limit });
      const [mine] = await millrace.backing.list({ provider });
      console.log(`backed ${provider} with ${amount(units)}; worth ${amount(mine?.worth ?? 0n)} now`);
    });

  backing
    .command("leave")
    .description("ask for backing back; it is paid once the lots that it answers for are over")
    .argument("<provider>", "an address", address)
    .argument("<amount>", "such as 12.5, or `all`", (text: string) => (text === "all" ? text : price(text)))
    .action(async (provider: Address, wanted: bigint | "all", _flags: unknown, command: Command) => {
      const millrace = await clientOf(command);
      await millrace.backing.leave({ provider, ...(wanted !== "all" && { amount: wanted }) });
      const [mine] = await millrace.backing.list({ provider });
      const [leaving, payable] = sumsOf(mine);
      console.log(`${amount(leaving)} is leaving, ${amount(payable)} of it payable now`);
    });

  backing
    .command("withdraw")
    .description("move what left and is payable to the free balance")
    .argument("<provider>", "an address", address)
    .action(async (provider: Address, _flags: unknown, command: Command) => {
      const millrace = await clientOf(command);
      const paid = await millrace.backing.withdraw({ provider });
      const { free } = await millrace.account.balance();
      console.log(`got back ${amount(paid)}; ${amount(free)} is free`);
    });
}

function rowOf(backing: Backing): string[] {
  const { provider, isOpen, commissionBps } = backing.pool;
  const [leaving, payable] = sumsOf(backing);
  const commission = `${commissionBps / 100} %${isOpen ? "" : ", closed"}`;
  return [short(provider), amount(backing.worth), commission, amount(leaving), amount(payable)];
}

/** A share as people write it, such as `12.5`, in basis points. */
function percent(text: string): number {
  try {
    return Number(parseAmount(text, 2));
  } catch {
    throw new InvalidArgumentError("Write a number such as 12.5, with at most 2 decimal places.");
  }
}

/** What is on its way back, and what of it is payable. */
function sumsOf(backing: Backing | undefined): [leaving: bigint, payable: bigint] {
  const exits = backing?.exits ?? [];
  return [
    exits.reduce((sum, { claimed }) => sum + claimed, 0n),
    exits.reduce((sum, { payable }) => sum + payable, 0n),
  ];
}
