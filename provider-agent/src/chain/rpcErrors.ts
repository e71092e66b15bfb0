import { backersAbi, courtAbi, faultsAbi, marketAbi } from "@millrace/protocol";
import {
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  ExecutionRevertedError,
  FeeCapTooLowError,
  InsufficientFundsError,
  isHex,
  NonceTooLowError,
  RpcRequestError,
} from "viem";
import { AgentError } from "../errors.ts";

/** Words of nodes that know a transaction already, or have one with its nonce; there is no code for these. */
const ALREADY_KNOWN =
  /already known|already imported|known transaction|nonce too low|replacement transaction underpriced/i;

/** Turns what viem threw into an error that says what to do: retry, give up, or send gas. */
export function toAgentError(doing: string, cause: unknown): AgentError {
  if (cause instanceof AgentError) return cause;
  const found = (type: new (...args: never[]) => Error) =>
    cause instanceof BaseError ? cause.walk((error) => error instanceof type) : undefined;
  const revert = found(ContractFunctionRevertedError) as ContractFunctionRevertedError | undefined;
  if (revert) return reverted(doing, revert.data?.errorName ?? revert.reason, cause);
  if (found(ExecutionRevertedError)) return reverted(doing, revertName(cause as BaseError), cause);
  if (found(InsufficientFundsError)) {
    return new AgentError(`No ether to pay for ${doing}.`, {
      code: "no-gas-money",
      retryable: true,
      hints: ["Send the agent's account some ether."],
      cause,
    });
  }
  return new AgentError(`The RPC endpoint failed at ${doing}.`, {
    code: "rpc-unavailable",
    retryable: true,
    details: cause instanceof BaseError ? cause.shortMessage : String(cause),
    cause,
  });
}

/** The name of a contract's error in what a node answered to an estimate; nodes nest its bytes differently. */
function revertName(error: BaseError): string | undefined {
  const carrier = error.walk((e) => (e as { data?: unknown }).data !== undefined) as {
    data?: unknown;
  } | null;
  const outer = carrier?.data;
  const data = isHex(outer) ? outer : (outer as { data?: unknown } | undefined)?.data;
  if (!isHex(data)) return undefined;
  try {
    return decodeErrorResult({ abi: [...marketAbi, ...faultsAbi, ...courtAbi, ...backersAbi], data })
      .errorName;
  } catch {
    return undefined;
  }
}

export function reverted(doing: string, revert: string | undefined, cause?: unknown): AgentError {
  return new AgentError(`The contract refused ${doing}${revert ? `: ${revert}` : ""}.`, {
    code: "transaction-reverted",
    revert,
    cause,
  });
}

/** Whether a node refused a broadcast because it, or the chain, already has a transaction with this nonce. */
export function isNonceUsed(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (error.walk((e) => e instanceof NonceTooLowError)) return true;
  const rpc = error.walk((e) => e instanceof RpcRequestError);
  return ALREADY_KNOWN.test(rpc instanceof RpcRequestError ? rpc.details : error.details);
}

/** Whether a node refused a broadcast because the base fee has risen above its cap. */
export function isFeeTooLow(error: unknown): boolean {
  return error instanceof BaseError && error.walk((e) => e instanceof FeeCapTooLowError) !== null;
}
