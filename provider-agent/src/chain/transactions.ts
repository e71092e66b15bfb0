import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Address, type Hex, keccak256, type LocalAccount, type TransactionReceipt } from "viem";
import { AgentError } from "../errors.ts";
import { fromJson, readTextIfAny, toJson, writeFileAtomically } from "../lots/files.ts";
import type { Chain } from "./chain.ts";
import { isFeeTooLow, isNonceUsed, reverted, toAgentError } from "./rpcErrors.ts";

/** What a transaction does. */
export interface Call {
  to: Address;
  data: Hex;
  /** For the log and for errors. */
  purpose: string;
}

export interface TransactionsOptions {
  chain: Chain;
  account: LocalAccount;
  /** Where the transaction under way is kept. */
  path: string;
  logger: Logger;
  signal: AbortSignal;
  /** Wei per gas that the owner pays at most. Default: no limit. */
  maxFeePerGas?: bigint | undefined;
  /** How long a transaction may wait before it is sent again with higher fees. Default: 30 s. */
  replaceAfterMs?: number | undefined;
  /** Default: 100 ms on a local chain, else 1 s. */
  pollingIntervalMs?: number | undefined;
  onGas?: (gas: { used: bigint; wei: bigint }) => void;
}

/** Sends the transactions of one account, one after another. */
export interface Transactions {
  /**
   * Sends what `build` returns when its turn comes and waits until it is mined; nothing is sent if that is undefined.
   * Late building lets callers batch: what has gathered while another transaction was under way goes into one.
   *
   * @throws AgentError `transaction-reverted`, `rpc-unavailable`, `gas-too-expensive`, `no-gas-money`
   */
  send(build: () => Call | undefined | Promise<Call | undefined>): Promise<TransactionReceipt | undefined>;
}

/** A transaction under way: signed with one nonce, perhaps several times with rising fees. */
interface Pending {
  nonce: number;
  call: Call;
  gas: bigint;
  sent: { hash: Hex; raw: Hex; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }[];
}

/** Nodes accept a replacement that pays at least a tenth more. */
const BUMP_PERCENT = 125n;
const DEFAULT_REPLACE_AFTER_MS = 30_000;

/**
 * The only place that signs transactions. One is under way at a time, and it is on disk before it is broadcast: after a
 * crash it is taken up again before anything else is sent, so that a nonce is never stuck and never used for two
 * purposes.
 */
export function createTransactions(options: TransactionsOptions): Transactions {
  const { chain, account, path, logger, signal, maxFeePerGas } = options;
  const replaceAfterMs = options.replaceAfterMs ?? DEFAULT_REPLACE_AFTER_MS;
  const pollingIntervalMs = options.pollingIntervalMs ?? (chain.isLocal ? 50 : 1_000);
  const { client } = chain;
  // The first in the queue is what a former process left.
  let last: Promise<unknown> = resume();
  last.catch(() => {});

  async function resume(): Promise<void> {
    const json = await readTextIfAny(path);
    if (json === undefined) return;
    const pending = fromJson<Pending>(json);
    logger.info({ purpose: pending.call.purpose, nonce: pending.nonce }, "taking up a transaction");
    // What became of it shows on the chain, from which its caller derives what to do next.
    await settle(pending);
  }

  async function run(build: () => Call | undefined | Promise<Call | undefined>) {
    signal.throwIfAborted();
    const call = await build();
    if (!call) return undefined;
    const from = account.address;
    for (;;) {
      const pending = await attempt(`estimating ${call.purpose}`, async () => {
        const [gas, nonce] = await Promise.all([
          client.estimateGas({ account: from, to: call.to, data: call.data }),
          client.getTransactionCount({ address: from, blockTag: "pending" }),
        ]);
        // A quarter on top: state may change between the estimate and the block.
        return { nonce, call, gas: (gas * 5n) / 4n, sent: [] } satisfies Pending;
      });
      await sign(pending, await currentFees());
      const receipt = await settle(pending);
      if (receipt) return receipt;
      // Another program used our nonce, or it has become one that is not due yet.
      logger.warn({ nonce: pending.nonce }, "the nonce is of no use, sending again");
    }
  }

  /** Broadcasts until one of the signed versions is mined. Undefined if its nonce is of no use any more. */
  async function settle(pending: Pending): Promise<TransactionReceipt | undefined> {
    await broadcast(pending);
    let replaceAt = performance.now() + replaceAfterMs;
    for (;;) {
      // Until its fate is known nothing else may be sent, however long the endpoint is away.
      const fate = await fateOf(pending).catch((error: unknown) => {
        signal.throwIfAborted();
        logger.warn(
          { purpose: pending.call.purpose, error: String(error) },
          "cannot learn what became of it",
        );
        return "waiting" as const;
      });
      if (fate === "nonce-taken") {
        await rm(path, { force: true });
        return undefined;
      }
      if (fate !== "waiting") return finish(pending, fate);
      if (performance.now() >= replaceAt) {
        if (await isUnreachable(pending)) {
          await rm(path, { force: true });
          return undefined;
        }
        await replace(pending);
        replaceAt = performance.now() + replaceAfterMs;
      }
      await sleep(pollingIntervalMs, undefined, { signal });
    }
  }

  async function fateOf(pending: Pending): Promise<TransactionReceipt | "nonce-taken" | "waiting"> {
    const receipt = await receiptOf(pending);
    if (receipt) return receipt;
    return (await isNonceTaken(pending)) ? "nonce-taken" : "waiting";
  }

  async function finish(pending: Pending, receipt: TransactionReceipt): Promise<TransactionReceipt> {
    await rm(path, { force: true });
    options.onGas?.({ used: receipt.gasUsed, wei: receipt.gasUsed * receipt.effectiveGasPrice });
    const { purpose } = pending.call;
    logger.debug({ purpose, hash: receipt.transactionHash, gas: Number(receipt.gasUsed) }, "mined");
    if (receipt.status === "reverted") throw reverted(purpose, undefined);
    return receipt;
  }

  async function receiptOf(pending: Pending): Promise<TransactionReceipt | undefined> {
    // The newest first: it pays most.
    for (const { hash } of pending.sent.toReversed()) {
      const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
        if ((error as Error).name === "TransactionReceiptNotFoundError") return undefined;
        throw error;
      });
      if (receipt) return receipt;
    }
    return undefined;
  }

  /** A node may count a transaction before it shows the receipt, so the count is asked first and the receipts again. */
  async function isNonceTaken(pending: Pending): Promise<boolean> {
    const used = await client.getTransactionCount({ address: account.address, blockTag: "latest" });
    if (used <= pending.nonce) return false;
    for (let tries = 0; tries < 5; tries++) {
      if (await receiptOf(pending)) return false;
      await sleep(pollingIntervalMs, undefined, { signal });
    }
    return true;
  }

  /**
   * Whether a nonce before this one is free again: a reorg has undone an earlier transaction, and nobody sends that a
   * second time. What is called may then happen twice, if both come back; every call is one that may.
   */
  async function isUnreachable({ nonce }: Pending): Promise<boolean> {
    const known = client.getTransactionCount({ address: account.address, blockTag: "pending" });
    return (await known.catch(() => nonce)) < nonce;
  }

  async function replace(pending: Pending): Promise<void> {
    const previous = pending.sent.at(-1)!;
    const now = await currentFees().catch(() => previous);
    const bumped = (old: bigint, current: bigint) => {
      const least = (old * BUMP_PERCENT + 99n) / 100n;
      return current > least ? current : least;
    };
    const fees = {
      maxFeePerGas: bumped(previous.maxFeePerGas, now.maxFeePerGas),
      maxPriorityFeePerGas: bumped(previous.maxPriorityFeePerGas, now.maxPriorityFeePerGas),
    };
    const affordable = maxFeePerGas === undefined || fees.maxFeePerGas <= maxFeePerGas;
    if (affordable) await sign(pending, fees);
    logger.info({ purpose: pending.call.purpose, nonce: pending.nonce, affordable }, "sending again");
    await broadcast(pending);
  }

  async function sign(
    pending: Pending,
    fees: { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint },
  ): Promise<void> {
    const { to, data } = pending.call;
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId: chain.network.chainId,
      nonce: pending.nonce,
      gas: pending.gas,
      to,
      data,
      ...fees,
    });
    pending.sent.push({ hash: keccak256(raw), raw, ...fees });
    await writeFileAtomically(path, toJson(pending));
  }

  /** Sends the newest version. That it is known already is success; other refusals are seen to by replacing. */
  async function broadcast(pending: Pending): Promise<void> {
    try {
      await client.sendRawTransaction({ serializedTransaction: pending.sent.at(-1)!.raw });
    } catch (error) {
      if (isNonceUsed(error)) return;
      const known = toAgentError(pending.call.purpose, error);
      if (isFeeTooLow(error)) {
        logger.warn({ purpose: pending.call.purpose }, "the fee is too low for now");
        return;
      }
      // Refused and never pooled: nothing is under way.
      if (known.code !== "rpc-unavailable") {
        await rm(path, { force: true });
        throw known;
      }
      logger.warn({ purpose: pending.call.purpose, error: known.details }, "the broadcast failed");
    }
  }

  async function currentFees(): Promise<{ maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }> {
    const fees = await attempt("asking for the gas price", () => client.estimateFeesPerGas());
    if (maxFeePerGas === undefined || fees.maxFeePerGas <= maxFeePerGas) return fees;
    throw new AgentError("Gas is too expensive for now.", {
      code: "gas-too-expensive",
      retryable: true,
      details: `${fees.maxFeePerGas} wei, the limit is ${maxFeePerGas}`,
    });
  }

  async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      signal.throwIfAborted();
      throw toAgentError(doing, cause);
    }
  }

  return {
    send(build) {
      const sent = last.then(
        () => run(build),
        () => run(build),
      );
      last = sent.catch(() => {});
      return sent;
    },
  };
}
