#!/usr/bin/env node
import { formatAmount, MillraceError, parseAmount } from "@millrace/protocol";
import { Command, Option } from "commander";
import { pino } from "pino";
import { deposit, readBalance, setOperator, withdraw } from "./account.ts";
import { createAgent } from "./agent.ts";
import { calibrateCommand } from "./calibrate/command.ts";
import { connect, maxFeePerGasOf, openModel, transact } from "./commandLine.ts";
import {
  parseAddress,
  parsePercent,
  readAccountConfig,
  readCalibrateConfig,
  readRunConfig,
  requireOwnKey,
  withAccountOptions,
  withCalibrateOptions,
  withRunOptions,
} from "./config.ts";
import { addJurorCommands, jurorOptionsOf } from "./juror/commands.ts";
import { createJuror } from "./juror/juror.ts";
import { cancelOffers, listOffers } from "./offers/ownOffers.ts";
import { closePool, openPool, readPool } from "./pool.ts";

const program = new Command("millrace-provider").description(
  "Runs paid batches of LLM requests on this machine.",
);
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stop);

/** Everything that matters is on disk at any moment: who does not close in time may be cut off. */
const CLOSE_TIMEOUT_MS = 5_000;

function stop(): void {
  stopping.abort();
  setTimeout(() => process.exit(0), CLOSE_TIMEOUT_MS).unref();
}

withRunOptions(program.command("run"))
  .description("take paid work until stopped")
  .action(async (flags) => {
    const config = await readRunConfig(flags);
    if (config.stopWithParent) process.once("disconnect", stop);
    // Standard output is for the line that says where the agent is.
    const logger = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
    await using stack = new AsyncDisposableStack();
    const { engine, modelClass } = await openModel(config, signal);
    stack.use(engine);
    const { network, account, owner, folder, databaseUrl } = config;
    const agent = stack.use(
      createAgent({
        network,
        account,
        owner,
        engine,
        modelClass,
        folder,
        databaseUrl,
        offer: {
          promptPricePerMillion: config.promptPrice,
          outputPricePerMillion: config.outputPrice,
          capacityItems: config.capacityItems,
          minLotItems: config.minLotItems,
          minLotValue: config.minLotValue,
          minTurnaroundSeconds: config.minTurnaround,
        },
        http: { host: config.httpHost, port: config.httpPort },
        maxLots: config.maxLots,
        targetLotSeconds: config.lotSeconds,
        gasCostPerLot: config.gasCostPerLot,
        maxFeePerGas: maxFeePerGasOf(config),
        pollingIntervalMs: config.pollingMs,
        logger,
        signal,
      }),
    );
    await agent.start();
    let seatIds: readonly number[] | undefined;
    if (config.juror) {
      const juror = stack.use(createJuror(jurorOptionsOf(config, { engine, modelClass, logger, signal })));
      await juror.start();
      ({ seatIds } = juror.status());
    }
    const { url, modelId } = agent;
    console.log(JSON.stringify({ ready: true, address: account.address, url, modelId, seatIds }));
    await aborted(agent.stopped);
    logger.info("stopping");
    // Not asked to: then something that we cannot work without is gone.
    if (!signal.aborted) throw agent.stopped.reason;
  });

withCalibrateOptions(program.command("calibrate"))
  .description("measure how far honest machines differ on a model, and write the class by which it is judged")
  .argument("<model>", "path of a GGUF file, or a URI such as hf:user/model:Q8_0")
  .action(async (model: string, flags) => {
    await calibrateCommand({
      model,
      ...readCalibrateConfig(flags),
      print: (line) => console.log(line),
      onStep: (step) => console.error(step),
      signal,
    });
  });

addJurorCommands(program, signal);

withAccountOptions(program.command("balance"))
  .description("show what the account has")
  .action(async (flags) => {
    const { chain, owner } = await connect(await readAccountConfig(flags));
    const { wallet, free, locked } = await readBalance(chain, owner);
    console.log(`account  ${owner}`);
    console.log(`wallet   ${formatAmount(wallet)}`);
    console.log(`free     ${formatAmount(free)}`);
    console.log(`locked   ${formatAmount(locked)}`);
  });

withAccountOptions(program.command("deposit"))
  .description("move an amount from the wallet into the market, to serve as collateral")
  .argument("<amount>", "such as 100 or 12.5")
  .action(async (text: string, flags) => {
    const amount = parseAmount(text);
    await transact(flags, signal, ({ chain, owner }, transactions) =>
      deposit(chain, transactions, { account: owner, amount }),
    );
    console.log(`deposited ${formatAmount(amount)}`);
  });

withAccountOptions(program.command("withdraw"))
  .description("move an amount of the free balance back into the wallet")
  .argument("<amount>", "such as 100 or 12.5")
  .action(async (text: string, flags) => {
    const amount = parseAmount(text);
    await transact(flags, signal, (on, transactions) => {
      requireOwnKey(on);
      return withdraw(on.chain, transactions, { account: on.owner, amount });
    });
    console.log(`withdrew ${formatAmount(amount)}`);
  });

withAccountOptions(program.command("offers"))
  .description("list the account's live offers")
  .option("--cancel", "void them all")
  .action(async (flags: { cancel?: boolean }) => {
    if (flags.cancel) {
      await transact(flags, signal, ({ chain, owner }, transactions) =>
        cancelOffers(chain, transactions, owner),
      );
      console.log("cancelled every offer");
      return;
    }
    const { chain, owner } = await connect(await readAccountConfig(flags));
    for (const { offer, itemsLeft } of await listOffers(chain, owner)) {
      const prices = `${formatAmount(offer.promptPricePerMillion)} + ${formatAmount(offer.outputPricePerMillion)}`;
      console.log(`${offer.modelId}  ${prices} per 10⁶ tokens  ${itemsLeft} items left`);
    }
  });

withAccountOptions(program.command("operator"))
  .description("let another key work for the account, while at most an amount of collateral is locked")
  .argument("<address>", "of the other key")
  .argument("<amount>", "such as 100 or 12.5; 0 ends it")
  .action(async (text: string, cap: string, flags) => {
    const operator = parseAddress(text);
    const collateralCap = parseAmount(cap);
    await transact(flags, signal, (on, transactions) => {
      requireOwnKey(on);
      return setOperator(on.chain, transactions, { operator, collateralCap });
    });
    console.log(`${operator} may lock ${formatAmount(collateralCap)}`);
  });

withAccountOptions(program.command("pool"))
  .description(
    "show who backs the account; or let others bear most of its collateral, for most of what that earns",
  )
  .addOption(new Option("--open <percent>", "of what that earns, which the account keeps").conflicts("close"))
  .option("--close", "lots are the account's alone again; needs that none runs")
  .action(async (flags: { open?: string; close?: boolean }) => {
    const { open, close } = flags;
    if (open !== undefined || close) {
      const commissionBps = open === undefined ? 0 : parsePercent(open);
      await transact(flags, signal, (on, transactions) => {
        requireOwnKey(on);
        return close
          ? closePool(on.chain, transactions)
          : openPool(on.chain, transactions, { commissionBps });
      });
    }
    const { chain, owner } = await connect(await readAccountConfig(flags));
    const { isOpen, commissionBps, assets, locked } = await readPool(chain, owner);
    console.log(`pool        ${isOpen ? "open" : "closed"}`);
    console.log(`commission  ${commissionBps / 100} %`);
    console.log(`backing     ${formatAmount(assets)}`);
    console.log(`locked      ${formatAmount(locked)}`);
  });

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

try {
  await program.parseAsync();
  // Native threads and sockets of libraries may linger; everything of ours is closed.
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  console.error(error instanceof MillraceError ? error.message : error);
  process.exit(1);
}
