import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLlamaEngine, type Engine, resolveModel } from "@millrace/engine";
import type { ModelClass } from "@millrace/protocol";
import { pino } from "pino";
import { parseGwei } from "viem";
import { commandTransactions } from "./account.ts";
import { type Chain, connectChain } from "./chain/chain.ts";
import type { Transactions } from "./chain/transactions.ts";
import { type AccountConfig, type EngineConfig, readAccountConfig } from "./config.ts";
import { readModelClass } from "./modelSpec.ts";
import { requireCalibrated } from "./requireCalibrated.ts";

// What several commands have in common.

/** Connects to the network that a command is about. */
export async function connect(config: AccountConfig): Promise<AccountConfig & { chain: Chain }> {
  return { ...config, chain: await connectChain(config.network) };
}

/** Sends transactions of a command; nothing of it stays on disk. */
export async function transact(
  flags: unknown,
  signal: AbortSignal,
  act: (on: AccountConfig & { chain: Chain }, transactions: Transactions) => Promise<void>,
): Promise<void> {
  const on = await connect(await readAccountConfig(flags));
  const folder = await mkdtemp(join(tmpdir(), "millrace-provider-"));
  try {
    const logger = pino({ level: "warn" }, pino.destination({ fd: 2, sync: true }));
    await act(on, commandTransactions({ ...on, folder, logger, signal }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Loads the model of a command, and the class that lies beside it, which has to fit this machine. The caller closes the
 * engine.
 *
 * @throws MillraceError `calibration-fails-here`, and those of the engine
 */
export async function openModel(
  { model, folder, gpu, threads, sequences, contextTokens }: EngineConfig,
  signal: AbortSignal,
): Promise<{ engine: Engine; modelClass: ModelClass }> {
  const modelPath = await resolveModel(model, { folder: join(folder, "models"), signal });
  const modelClass = await readModelClass(modelPath);
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(
    await createLlamaEngine({
      modelPath,
      signal,
      gpu: gpu === "off" ? false : "auto",
      ...(threads !== undefined && { threads }),
      ...(sequences !== undefined && { sequences }),
      ...(contextTokens !== undefined && { contextTokens }),
    }),
  );
  if (modelClass.tolerance) await requireCalibrated(engine, modelClass);
  stack.move();
  return { engine, modelClass };
}

export function maxFeePerGasOf({ maxGasGwei }: EngineConfig): bigint | undefined {
  return maxGasGwei === undefined ? undefined : parseGwei(String(maxGasGwei));
}
