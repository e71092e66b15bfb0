import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type BatchResult, createMemoryState, createMillrace, type Millrace } from "@millrace/client";
import { MillraceError, marketAbi, type Network, testUsdAbi } from "@millrace/protocol";
import { createPublicClient, http } from "viem";
import { localAccounts } from "./accounts.ts";
import type { DemoOptions } from "./config.ts";
import { type LocalNetwork, startLocalNetwork } from "./localNetwork.ts";
import { fetchStatus, type StatusReply, showProgress } from "./progress.ts";
import { type DemoReport, printReport } from "./report.ts";

/** The local bid rises to its limit within seconds, so that a remainder is never waited for. */
const RAMP_SECONDS = 10;
const TURNAROUND_SECONDS = 600;

/** Starts a local network, runs a batch through it as a buyer would, and prints what came out. */
export async function demo(options: DemoOptions, { signal }: { signal: AbortSignal }): Promise<void> {
  const startedAt = performance.now();
  // In JSON mode stdout is for the report alone.
  const say = options.json ? console.error : console.log;
  await checkReadable(options.requests);
  await using local = await startLocalNetwork({
    modelPath: options.model,
    providers: options.providers,
    chainPort: options.chainPort,
    relayPort: options.relayPort,
    indexerPort: options.indexerPort,
    dashboardPort: options.dashboardPort,
    withDashboard: options.keep,
    onStep: (step) => say(`Starting ${step} …`),
    signal,
  });
  const report = await runDemo(local, { options, say, signal, startedAt });
  printReport(report, say);
  if (options.json) console.log(JSON.stringify(report));
  if (options.keep) {
    say(`
The network is still there: export MILLRACE_NETWORK=${local.networkPath}
What happened on it: ${local.dashboardUrl}
Ctrl-C ends it.`);
    if (!signal.aborted) await once(signal, "abort");
  }
}

async function runDemo(
  local: LocalNetwork,
  {
    options,
    say,
    signal,
    startedAt,
  }: { options: DemoOptions; say: (text: string) => void; signal: AbortSignal; startedAt: number },
): Promise<DemoReport> {
  const { network, providers } = local;
  const millrace = createMillrace({ network, account: localAccounts.buyer, state: createMemoryState() });
  // Whatever model the file names, here it is served by the one at hand.
  const buy = {
    model: providers[0]!.modelId,
    turnaroundSeconds: TURNAROUND_SECONDS,
    rampSeconds: RAMP_SECONDS,
  };
  const quote = await millrace.quote({ input: createReadStream(options.requests), ...buy });
  const model = quote.jobs[0]!.model.spec.name;
  say(`\n${quote.itemCount} requests from ${options.requests}, answered by ${model}`);
  await millrace.account.deposit({ amount: quote.reserve });

  const done = new AbortController();
  const progress = options.json
    ? Promise.resolve()
    : showProgress(providers, { itemCount: quote.itemCount, signal: AbortSignal.any([done.signal, signal]) });
  let result: BatchResult;
  try {
    result = await millrace.batches.run({ input: createReadStream(options.requests), ...buy, signal });
  } finally {
    done.abort();
    await progress;
  }

  const resultsPath =
    options.out ?? join(await mkdtemp(join(tmpdir(), "millrace-results-")), "results.jsonl");
  await writeResults(millrace, { batchId: result.batchId, path: resultsPath });
  const { free } = await millrace.account.balance();
  await millrace.account.withdraw({ amount: free });
  const statuses = await Promise.all(providers.map(fetchStatus));
  return reportOf(result, {
    deposited: quote.reserve,
    buyerEnd: await walletOf(network),
    fee: await feesOf(network),
    statuses,
    providers: local.providers.map(({ address }) => address),
    resultsPath,
    elapsedMs: Math.round(performance.now() - startedAt),
  });
}

/** Gathers the report from three sides: the settlement by events, the balances on-chain, the agents' own counts. */
function reportOf(
  { items, settlement }: BatchResult,
  context: {
    deposited: bigint;
    buyerEnd: bigint;
    fee: bigint;
    statuses: readonly (StatusReply | undefined)[];
    providers: readonly `0x${string}`[];
    resultsPath: string;
    elapsedMs: number;
  },
): DemoReport {
  const { gas, tokens } = settlement;
  const answered = context.statuses.filter((status) => status !== undefined);
  const sum = (of: (status: StatusReply) => number) =>
    answered.reduce((total, status) => total + of(status), 0);
  const earnings = new Map(settlement.providers.map((provider) => [provider.address, provider]));
  return {
    items,
    lots: settlement.lots,
    tokens: { in: Number(tokens.in), out: Number(tokens.out) },
    asset: {
      deposited: String(context.deposited),
      paid: String(settlement.paid),
      refunded: String(settlement.refunded),
      fee: String(context.fee),
      buyerEnd: String(context.buyerEnd),
    },
    providers: context.providers.map((address) => ({
      address,
      items: earnings.get(address)?.items ?? 0,
      earned: String(earnings.get(address)?.paid ?? 0n),
    })),
    gas: {
      buyer: String(gas.buyer),
      provider: String(gas.provider),
      perItem: Math.round(Number(gas.buyer + gas.provider) / items.total),
    },
    engine: {
      tokensPerSecond: Math.round(sum(({ engine }) => engine.tokensPerSecond)),
      busyMs: Math.round(sum(({ engine }) => engine.busyMs)),
    },
    resultsPath: context.resultsPath,
    elapsedMs: context.elapsedMs,
  };
}

async function writeResults(
  millrace: Millrace,
  { batchId, path }: { batchId: string; path: string },
): Promise<void> {
  await pipeline(async function* () {
    for await (const line of millrace.batches.results({ batchId })) yield `${line}\n`;
  }, createWriteStream(path));
}

async function walletOf(network: Network): Promise<bigint> {
  return reader(network).readContract({
    abi: testUsdAbi,
    address: network.asset,
    functionName: "balanceOf",
    args: [localAccounts.buyer.address],
  });
}

async function feesOf(network: Network): Promise<bigint> {
  const account = await reader(network).readContract({
    abi: marketAbi,
    address: network.market,
    functionName: "accountOf",
    args: [network.stakedMill],
  });
  return account.free;
}

const reader = ({ rpcUrl }: Network) => createPublicClient({ transport: http(rpcUrl) });

async function checkReadable(path: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new MillraceError(`There is no readable file at ${path}.`, { code: "file-not-found", cause });
  });
}
