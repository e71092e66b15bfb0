import { type Command, InvalidArgumentError } from "commander";
import { type Address, isAddress } from "viem";
import { price } from "./buyOptions.ts";
import { clientOf } from "./client.ts";
import { amount, printJson, printPairs } from "./print.ts";

export function addAccountCommands(program: Command): void {
  program
    .command("balance")
    .description("Show what the account has: free and locked in the market, and in the wallet.")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      const balance = await millrace.account.balance();
      if (json) return printJson(balance);
      printPairs([
        ["account", balance.address],
        ["free", amount(balance.free)],
        ["locked", amount(balance.locked)],
        ["wallet", amount(balance.wallet)],
      ]);
    });

  program
    .command("deposit")
    .description("Move some of the wallet's asset into the market.")
    .argument("<amount>", "such as 12.5", price)
    .action(async (units: bigint, _flags: unknown, command: Command) => {
      const millrace = await clientOf(command);
      await millrace.account.deposit({ amount: units });
      const { free } = await millrace.account.balance();
      console.log(`deposited ${amount(units)}; ${amount(free)} is free`);
    });

  program
    .command("withdraw")
    .description("Move free balance out of the market.")
    .argument("<amount>", "such as 12.5, or `all`", (text: string) => (text === "all" ? text : price(text)))
    .option("--to <address>", "who gets it (default: the account's own wallet)", address)
    .action(async (wanted: bigint | "all", { to }: { to?: Address }, command: Command) => {
      const millrace = await clientOf(command);
      const units = wanted === "all" ? (await millrace.account.balance()).free : wanted;
      await millrace.account.withdraw({ amount: units, ...(to && { to }) });
      const { free } = await millrace.account.balance();
      console.log(`withdrew ${amount(units)}; ${amount(free)} is free`);
    });
}

/** An address, as people write it. */
export function address(text: string): Address {
  if (!isAddress(text)) throw new InvalidArgumentError("Write an address, such as 0x12…ef.");
  return text;
}
