import { MillraceError } from "@millrace/protocol";
import type { Command } from "commander";
import type { CheckedLot } from "../batches/check.ts";
import type { BatchResult, RunBatchOptions } from "../batches/run.ts";
import type { Millrace } from "../createMillrace.ts";
import type { Quote } from "../quote/quote.ts";
import { type BuyFlags, buyOptionsOf, price, seconds, withBuyOptions } from "./buyOptions.ts";
import { type CheckFlags, openCheck, withCheckOptions } from "./checkOptions.ts";
import { clientOf } from "./client.ts";
import { checkOutput, readInput, writeOutput } from "./files.ts";
import { amount, printJson, printPairs, printTable, short } from "./print.ts";
import { showProgress } from "./showProgress.ts";

interface RunFlags extends CheckFlags {
  out?: string;
  timeout?: number;
  json?: boolean;
}

export function addBatchCommands(program: Command, { signal }: { signal: AbortSignal }): void {
  const batch = program.command("batch").description("Run batches.");

  withRunOptions(withBuyOptions(batch.command("run")))
    .description("Run a batch file to its end. Interrupted, the same command goes on with it.")
    .argument("<file>", "requests in OpenAI's batch format; - for standard input")
    .option("--max-reserve <amount>", "refuse to lock more than this", price)
    .option("--deposit", "deposit what the reserve lacks from the wallet")
    .option("--new", "start anew even if this file has an unfinished batch")
    .action(
      async (
        file: string,
        flags: BuyFlags & RunFlags & { maxReserve?: bigint; deposit?: boolean; new?: boolean },
        command: Command,
      ) => {
        const millrace = await clientOf(command);
        await checkOutput(flags.out);
        await run(millrace, flags, signal, {
          input: await readInput(file),
          ...buyOptionsOf(flags),
          ...(flags.maxReserve !== undefined && { maxReserve: flags.maxReserve }),
          ...(flags.new && { forceNew: true }),
          ...(flags.deposit && { onQuote: (quote) => depositMissing(millrace, quote) }),
        });
      },
    );

  withRunOptions(batch.command("resume"))
    .description("Go on with an interrupted batch.")
    .argument("<batch>", "its id")
    .action(async (batchId: string, flags: RunFlags, command: Command) => {
      const millrace = await clientOf(command);
      await checkOutput(flags.out);
      await run(millrace, flags, signal, { batchId });
    });

  withCheckOptions(batch.command("check"))
    .description("Compute a part of a batch's answers again, also of those that are paid.")
    .argument("<batch>", "its id")
    .option("--json", "print JSON")
    .action(async (batchId: string, flags: CheckFlags & { json?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      await using opened = await openCheck(flags, { millrace, signal });
      const { options: check } = opened;
      if (!check)
        throw new MillraceError("Name a model with --check-with, or use --check-by-market.", {
          code: "cannot-check",
        });
      const lots: CheckedLot[] = [];
      for await (const lot of millrace.batches.check({ batchId, check, signal })) lots.push(lot);
      if (flags.json) return printJson(lots);
      printTable(["requests", "provider", "computed again", "× tolerance", "is", "lot"], lots.map(checkRow));
    });

  batch
    .command("cancel")
    .description("Withdraw what of a batch nobody has taken; what is under way goes on.")
    .argument("<batch>", "its id")
    .option("--bid-only", "leave requests that a provider failed to answer to other providers")
    .action(async (batchId: string, { bidOnly = false }: { bidOnly?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      const { withdrawnItems } = await millrace.batches.cancel({ batchId, bidOnly });
      console.log(`withdrew ${withdrawnItems} requests`);
    });

  batch
    .command("topup")
    .description("Raise what is paid at most for those requests that nobody has taken.")
    .argument("<batch>", "its id")
    .option("--limit-prompt <price>", "per million prompt tokens (default: as it is)", price)
    .option("--limit-output <price>", "per million output tokens (default: as it is)", price)
    .option("--max-reserve <amount>", "refuse to lock more than this on top", price)
    .action(
      async (
        batchId: string,
        flags: { limitPrompt?: bigint; limitOutput?: bigint; maxReserve?: bigint },
        command: Command,
      ) => {
        const millrace = await clientOf(command);
        const { limitPrompt, limitOutput, maxReserve } = flags;
        const { items, reserve } = await millrace.batches.topUp({
          batchId,
          ...(limitPrompt !== undefined && { promptLimitPerMillion: limitPrompt }),
          ...(limitOutput !== undefined && { outputLimitPerMillion: limitOutput }),
          ...(maxReserve !== undefined && { maxReserve }),
        });
        console.log(`raised the limits of ${items} requests; ${amount(reserve)} more is reserved`);
      },
    );

  program
    .command("status")
    .description("Show a batch, or list all of them.")
    .argument("[batch]", "its id")
    .option("--all", "list also the orders of scores that checks have opened")
    .option("--json", "print JSON")
    .action(
      async (
        batchId: string | undefined,
        { all = false, json }: { all?: boolean; json?: boolean },
        command: Command,
      ) => {
        const millrace = await clientOf(command);
        await (batchId === undefined
          ? printBatches(millrace, { all, json })
          : printBatch(millrace, batchId, json));
      },
    );

  program
    .command("results")
    .description("Write a finished batch's output, as OpenAI's batch output has it.")
    .argument("<batch>", "its id")
    .option("--out <file>", "where to; - for standard output", "-")
    .action(async (batchId: string, { out }: { out: string }, command: Command) => {
      const millrace = await clientOf(command);
      await checkOutput(out);
      await writeOutput(out, millrace.batches.results({ batchId }));
    });
}

function checkRow({ firstItem, itemCount, provider, check, status }: CheckedLot): string[] {
  const { fault } = check;
  return [
    `${firstItem + 1} to ${firstItem + itemCount}`,
    short(provider),
    String(check.items),
    check.ratio.toPrecision(2),
    fault ? `NOT as agreed: request ${firstItem + fault.index + 1}` : check.trust,
    status,
  ];
}

function withRunOptions(command: Command): Command {
  return withCheckOptions(command)
    .option("--no-check", "check only what hashes tell (the default)")
    .option("--out <file>", "where to write the results; - for standard output")
    .option(
      "--timeout <seconds>",
      "how long something may lie unclaimed (default: three turnarounds)",
      seconds,
    )
    .option("--json", "print one JSON object as the last line of standard output");
}

async function depositMissing(millrace: Millrace, { reserve }: Quote): Promise<void> {
  const { free } = await millrace.account.balance();
  if (free < reserve) await millrace.account.deposit({ amount: reserve - free });
}

async function run(
  millrace: Millrace,
  { out, timeout, json, ...checkFlags }: RunFlags,
  signal: AbortSignal,
  options: RunBatchOptions,
): Promise<void> {
  let batchId: string | undefined;
  let result: BatchResult;
  try {
    await using check = await openCheck(checkFlags, { millrace, signal });
    using progress = showProgress();
    result = await millrace.batches.run({
      ...options,
      ...(timeout !== undefined && { timeoutSeconds: timeout }),
      ...(check.options && { check: check.options }),
      signal,
      onProgress: (event) => {
        if (event.type === "started") batchId = event.batchId;
        progress.show(event);
      },
    });
  } catch (error) {
    if (batchId !== undefined) console.error(`The batch goes on: \`millrace batch resume ${batchId}\`.`);
    throw error;
  }
  if (out !== undefined) await writeOutput(out, millrace.batches.results(result));
  if (json) return printJson({ ...result, resultsPath: out ?? null });
  // Standard output may hold the results.
  if (out !== "-") printSummary(result, out);
}

function printSummary({ batchId, items, settlement, trust }: BatchResult, out: string | undefined): void {
  const { tokens, lots, paid, fee, refunded, charges, compensation, bonds, locked, gas } = settlement;
  printTable(
    ["provider", "requests", "lots", "paid"],
    settlement.providers.map((provider) => [
      provider.address,
      String(provider.items),
      String(provider.lots),
      amount(provider.paid),
    ]),
  );
  printPairs([
    ["batch", batchId],
    ["requests", `${items.completed} answered, ${items.failed} failed`],
    ["trust", describeTrust(trust)],
    ["lots", `${lots.settled} of ${lots.total} settled`],
    ["tokens", `${tokens.in} in, ${tokens.out} out`],
    ["paid", amount(paid)],
    ["fee", amount(fee)],
    ["refunded", amount(refunded)],
    ...(charges > 0n ? [["release charges", amount(charges)] as const] : []),
    ...(compensation > 0n ? [["compensation", amount(compensation)] as const] : []),
    ...(locked > 0n ? [["still in escrow", amount(locked)] as const] : []),
    ...(bonds.staked > 0n
      ? [["court", `${amount(bonds.returned)} of ${amount(bonds.staked)} staked came back`] as const]
      : []),
    ["gas", String(gas.buyer)],
    ["results", out ?? `\`millrace results ${batchId}\``],
  ]);
}

const describeTrust = (trust: BatchResult["trust"]): string =>
  Object.entries(trust)
    .map(([how, count]) => `${count} ${how}`)
    .join(", ");

async function printBatches(
  millrace: Millrace,
  { all, json }: { all: boolean; json: boolean | undefined },
): Promise<void> {
  const batches = await millrace.batches.list({ withScores: all });
  if (json) {
    return printJson(
      batches.map(({ batchId, createdAtMs, itemCount, purpose, finishedAtMs }) => ({
        batchId,
        createdAtMs,
        itemCount,
        purpose: purpose ?? null,
        finishedAtMs: finishedAtMs ?? null,
      })),
    );
  }
  printTable(
    ["batch", "created", all ? "requests, for" : "requests", "state"],
    batches.map(({ batchId, createdAtMs, itemCount, purpose, finishedAtMs }) => [
      batchId,
      new Date(createdAtMs).toISOString(),
      purpose ? `${itemCount}, ${purpose}` : String(itemCount),
      finishedAtMs === undefined ? "unfinished" : "finished",
    ]),
  );
}

async function printBatch(millrace: Millrace, batchId: string, json: boolean | undefined): Promise<void> {
  const state = await millrace.batches.retrieve({ batchId });
  if (json) return printJson(state);
  printTable(
    ["job", "model", "unassigned", "assigned", "submitted", "settled", "withdrawn"],
    state.jobs.map(({ jobId, model, items }) => [
      short(jobId),
      model,
      ...[items.unassigned, items.assigned, items.submitted, items.settled, items.withdrawn].map(String),
    ]),
  );
  const { escrowed, paid, fee, refunded, locked } = state.settlement;
  printPairs([
    ["batch", state.batchId],
    ["state", state.status],
    ["requests", String(state.itemCount)],
    ["escrowed", amount(escrowed)],
    ["paid", amount(paid)],
    ["fee", amount(fee)],
    ["refunded", amount(refunded)],
    ["still in escrow", amount(locked)],
  ]);
}
