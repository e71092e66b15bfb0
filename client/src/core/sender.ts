import { MillraceError } from "@millrace/protocol";
import {
  type Address,
  type Chain,
  createNonceManager,
  formatEther,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
} from "viem";
import { jsonRpc } from "viem/nonce";
import { withChainErrors } from "./chainErrors.ts";

/** Sends transactions of one account, one at a time, and waits until each is mined. */
export interface Sender {
  /**
   * @throws MillraceError `contract-refused` (nothing was sent, or it was mined and reverted), `insufficient-gas-funds`,
   * `transaction-timeout` (retryable; it may still be mined), `chain-unreachable` (retryable)
   */
  send(call: Call): Promise<TransactionReceipt>;
}

/** Room above the estimate: state moves between estimating and mining. */
const GAS_MARGIN_PERCENT = 125n;
const GAS_CHANCE = 4_096n;
const NONCE_ATTEMPTS = 5;

export function createSender({
  publicClient,
  account,
  random,
  pollingIntervalMs,
  timeoutMs = 120_000,
}: {
  publicClient: PublicClient<Transport, Chain>;
  account: LocalAccount;
  /** A fresh 32-byte secret. */
  random: () => Hex;
  pollingIntervalMs: number;
  /** How long to wait for a sent transaction to be mined. Default: two minutes. */
  timeoutMs?: number;
}): Sender {
  const { chain } = publicClient;
  const { address } = account;
  const nonces = createNonceManager({ source: jsonRpc() });
  /** Sending is serial, so that nonces are used in the order in which they were given. */
  let last: Promise<unknown> = Promise.resolve();

  const send = async (call: Call): Promise<TransactionReceipt> => {
    // Estimating first also tells whether the call would revert, before a nonce or gas is spent on it.
    const [estimate, fees, balance] = await Promise.all([
      publicClient.estimateGas({ account, ...call }),
      publicClient.estimateFeesPerGas(),
      publicClient.getBalance({ address }),
    ]);
    // A little by chance, so that two processes of one account never sign the very same transaction: each could take
    // the other's for its own.
    const gas = (estimate * GAS_MARGIN_PERCENT) / 100n + (BigInt(random()) % GAS_CHANCE);
    const cost = gas * fees.maxFeePerGas;
    if (balance < cost) throw insufficientGasFunds(address, balance, cost);
    const hash = await submit({ ...call, ...fees, gas });
    const receipt = await publicClient
      .waitForTransactionReceipt({ hash, pollingInterval: pollingIntervalMs, timeout: timeoutMs })
      .catch((cause: unknown) => {
        throw new MillraceError(`Transaction ${hash} was sent and is not mined yet.`, {
          code: "transaction-timeout",
          retryable: true,
          cause,
        });
      });
    if (receipt.status === "reverted") {
      // Again, without sending: it throws the contract's own error, unless the state has moved on.
      await publicClient.call({ account, ...call, blockNumber: receipt.blockNumber });
      throw new MillraceError(`Transaction ${hash} reverted.`, { code: "contract-refused" });
    }
    return receipt;
  };

  const submit = async (call: Call & { gas: bigint; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }) => {
    for (let attempt = 1; ; attempt++) {
      const nonce = await nonces.consume({ address, chainId: chain.id, client: publicClient });
      const signed = await account.signTransaction({ ...call, nonce, chainId: chain.id, type: "eip1559" });
      try {
        return await publicClient.sendRawTransaction({ serializedTransaction: signed });
      } catch (error) {
        nonces.reset({ address, chainId: chain.id });
        // A refused repetition of what the node had already taken, when the first answer was lost on its way.
        const hash = keccak256(signed);
        if (await isKnown(hash)) return hash;
        const used = await publicClient.getTransactionCount({ address, blockTag: "pending" });
        // Only if another process of this account took the nonce can another one help.
        if (attempt === NONCE_ATTEMPTS || used <= nonce) throw error;
      }
    }
  };

  const isKnown = (hash: Hex): Promise<boolean> =>
    publicClient.getTransaction({ hash }).then(
      () => true,
      () => false,
    );

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
}

function insufficientGasFunds(address: Address, balance: bigint, cost: bigint): MillraceError {
  return new MillraceError("The account cannot pay for gas.", {
    code: "insufficient-gas-funds",
    details: `${address} has ${formatEther(balance)}; up to ${formatEther(cost)} is needed.`,
    hints: ["Send it some of the chain's own coin."],
  });
}
