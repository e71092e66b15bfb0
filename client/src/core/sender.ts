import { MillraceError } from "@millrace/protocol";
import {
  type Address,
  BaseError,
  type Chain,
  createNonceManager,
  createWalletClient,
  custom,
  type Hex,
  type LocalAccount,
  NonceTooLowError,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
} from "viem";
import { jsonRpc } from "viem/nonce";
import { nameChainError, withChainErrors } from "./chainErrors.ts";

/** Sends transactions of one account, one at a time, and waits until each is mined. */
export interface Sender {
  /**
   * @throws MillraceError `contract-refused` (nothing was sent, or it was mined and reverted), `insufficient-gas-funds`,
   * `transaction-timeout` (retryable; it may still be mined), `chain-unreachable` (retryable)
   */
  send(call: { to: Address; data: Hex }): Promise<TransactionReceipt>;
}

/** Room above the estimate: state moves between estimating and mining. */
const GAS_MARGIN_PERCENT = 125n;
const NONCE_RETRIES = 5;

export function createSender({
  publicClient,
  account,
  pollingIntervalMs,
  timeoutMs = 120_000,
}: {
  publicClient: PublicClient<Transport, Chain>;
  account: LocalAccount;
  pollingIntervalMs: number;
  /** How long to wait for a sent transaction to be mined. Default: two minutes. */
  timeoutMs?: number;
}): Sender {
  const { chain } = publicClient;
  const wallet = createWalletClient({ account, chain, transport: custom(publicClient) });
  const nonces = createNonceManager({ source: jsonRpc() });
  const nonceKey = { address: account.address, chainId: chain.id };
  /** Sending is serial, so that nonces are used in the order in which they were given. */
  let last: Promise<unknown> = Promise.resolve();

  const submit = async (call: { to: Address; data: Hex }, gas: bigint): Promise<Hex> => {
    for (let attempt = 1; ; attempt++) {
      const nonce = await nonces.consume({ ...nonceKey, client: publicClient });
      try {
        return await wallet.sendTransaction({ ...call, gas, nonce });
      } catch (error) {
        // Forget the number: it was not used, or another process of this account used it.
        nonces.reset(nonceKey);
        if (attempt === NONCE_RETRIES || !isNonceError(error)) throw error;
      }
    }
  };

  const send = async (call: { to: Address; data: Hex }): Promise<TransactionReceipt> => {
    // Estimating first also tells whether the call would revert, before a nonce or gas is spent on it.
    const estimate = await publicClient.estimateGas({ account, ...call });
    const hash = await submit(call, (estimate * GAS_MARGIN_PERCENT) / 100n);
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
      await publicClient.call({ account, ...call, blockNumber: receipt.blockNumber });
      throw new MillraceError(`Transaction ${hash} reverted.`, { code: "contract-refused" });
    }
    return receipt;
  };

  return {
    send: (call) => {
      const turn = last.then(() => withChainErrors(() => send(call)).catch(nameFundsError));
      last = turn.catch(() => {});
      return turn;
    },
  };
}

function isNonceError(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (error.walk((e) => e instanceof NonceTooLowError)) return true;
  // Replacement refusals and gaps have no class of their own in every node.
  return /nonce|replacement|already known/i.test(error.details);
}

function nameFundsError(error: unknown): never {
  const named = nameChainError(error);
  const isFunds =
    named instanceof MillraceError &&
    named.walk((e) => e instanceof Error && e.name === "InsufficientFundsError");
  if (!isFunds) throw named;
  throw new MillraceError("The account cannot pay for gas.", {
    code: "insufficient-gas-funds",
    hints: ["Send some of the chain's own coin to it."],
    cause: error,
  });
}
