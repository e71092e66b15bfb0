import { MillraceError } from "@millrace/protocol";
import {
  type Address,
  type Chain,
  formatEther,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
} from "viem";
import { withChainErrors } from "./chainErrors.ts";
import type { Signer } from "./signer.ts";

/** Sends transactions of one account, one at a time, and waits until each is mined. */
export interface Sender {
  /**
   * @throws MillraceError `contract-refused` (nothing was sent, or it was mined and reverted), `insufficient-gas-funds`,
   * `transaction-timeout` (retryable; it may still be mined), `chain-unreachable` (retryable); of a wallet also
   * `wallet-rejected` (its user refused, or put another in its place) and `wrong-chain`
   */
  send(call: Call): Promise<TransactionReceipt>;
}

/** Room above the estimate: state moves between estimating and mining. */
const GAS_MARGIN_PERCENT = 125n;
const GAS_CHANCE = 4_096n;

export function createSender({
  publicClient,
  signer,
  random,
  pollingIntervalMs,
  timeoutMs = 120_000,
}: {
  publicClient: PublicClient<Transport, Chain>;
  signer: Signer;
  /** A fresh 32-byte secret. */
  random: () => Hex;
  pollingIntervalMs: number;
  /** How long to wait for a sent transaction to be mined. Default: two minutes. */
  timeoutMs?: number;
}): Sender {
  const { address: account, submit } = signer;
  /** Sending is serial, so that nonces are used in the order in which they were given. */
  let last: Promise<unknown> = Promise.resolve();

  const send = async ({ extraGas = 0n, ...call }: Call): Promise<TransactionReceipt> => {
    // Estimating first also tells whether the call would revert, before a nonce or gas is spent on it.
    const [estimate, fees, balance] = await Promise.all([
      publicClient.estimateGas({ account, ...call }),
      publicClient.estimateFeesPerGas(),
      publicClient.getBalance({ address: account }),
    ]);
    // A little by chance, so that two processes of one account never sign the very same transaction: each could take
    // the other's for its own.
    const gas = (estimate * GAS_MARGIN_PERCENT) / 100n + (BigInt(random()) % GAS_CHANCE) + extraGas;
    const cost = gas * fees.maxFeePerGas;
    if (balance < cost) throw insufficientGasFunds(account, balance, cost);
    const hash = await submit({ ...call, ...fees, gas });
    let isReplaced = false;
    const receipt = await publicClient
      .waitForTransactionReceipt({
        hash,
        pollingInterval: pollingIntervalMs,
        timeout: timeoutMs,
        onReplaced: ({ reason }) => {
          isReplaced = reason !== "repriced";
        },
      })
      .catch((cause: unknown) => {
        throw new MillraceError(`Transaction ${hash} was sent and is not mined yet.`, {
          code: "transaction-timeout",
          retryable: true,
          cause,
        });
      });
    if (isReplaced) {
      throw new MillraceError(`Another transaction took the place of ${hash}.`, {
        code: "wallet-rejected",
        details: `Mined instead: ${receipt.transactionHash}`,
      });
    }
    if (receipt.status === "reverted") {
      // Again, without sending: it throws the contract's own error, unless the state has moved on.
      await publicClient.call({ account, ...call, blockNumber: receipt.blockNumber });
      throw new MillraceError(`Transaction ${hash} reverted.`, { code: "contract-refused" });
    }
    return receipt;
  };

  return {
    send: (call) => {
      const turn = last.then(() => withChainErrors(() => send(call)));
      last = turn.catch(() => {});
      return turn;
    },
  };
}

interface Call {
  to: Address;
  data: Hex;
  /** What it may need beyond the estimate and its margin, where a second later it does more. Default: 0. */
  extraGas?: bigint;
}

function insufficientGasFunds(address: Address, balance: bigint, cost: bigint): MillraceError {
  return new MillraceError("The account cannot pay for gas.", {
    code: "insufficient-gas-funds",
    details: `${address} has ${formatEther(balance)}; up to ${formatEther(cost)} is needed.`,
    hints: ["Send it some of the chain's own coin."],
  });
}
