import { MillraceError, type MillraceErrorOptions } from "@millrace/protocol";

/**
 * What may go wrong in the agent, beside the store, the engine and the relays:
 *
 * - `invalid-config`: the environment or a flag cannot be used;
 * - `wrong-chain`: the RPC endpoint serves another chain than the network's description says;
 * - `no-market`: there is no contract at the Market's address;
 * - `not-operator`: the owner has not let the agent's key work for them;
 * - `agent-running`: another agent works in this folder;
 * - `port-in-use`: the status port is taken;
 * - `rpc-unavailable`: the RPC endpoint does not answer, or not usefully (retryable);
 * - `transaction-reverted`: the contract refused; `revert` names its error;
 * - `gas-too-expensive`: the network asks more per gas than the owner allows (retryable);
 * - `no-gas-money`: the account cannot pay for gas (retryable, once someone sends it some);
 * - `lot-gone`: the chain no longer has this lot as ours;
 * - `input-missing`: no usable input has come (retryable);
 * - `self-check-failed`: our own results do not give our own commitment;
 * - `other-engine`: the model's class is of another release of the engine;
 * - `no-tolerance`: nobody has calibrated the model, so its outputs cannot be judged;
 * - `class-exists`: the model has been calibrated already;
 * - `no-seat`: the juror has no seat;
 * - `evidence-missing`: no relay has the evidence of a case, or the results in question (retryable);
 * - `evidence-unusable`: the evidence of a case does not open, or is not what it should be;
 * - `no-relay-took-it`: not one relay stored the blob (retryable).
 */
export type AgentErrorCode =
  | "invalid-config"
  | "wrong-chain"
  | "no-market"
  | "not-operator"
  | "agent-running"
  | "port-in-use"
  | "rpc-unavailable"
  | "transaction-reverted"
  | "gas-too-expensive"
  | "no-gas-money"
  | "lot-gone"
  | "input-missing"
  | "self-check-failed"
  | "other-engine"
  | "no-tolerance"
  | "class-exists"
  | "no-seat"
  | "evidence-missing"
  | "evidence-unusable"
  | "no-relay-took-it";

export class AgentError extends MillraceError {
  override readonly name = "AgentError";
  declare readonly code: AgentErrorCode;
  /** The contract's error behind `transaction-reverted`, such as `Market_NothingToClaim`. */
  readonly revert: string | undefined;

  constructor(
    shortMessage: string,
    options: MillraceErrorOptions & { code: AgentErrorCode; revert?: string | undefined },
  ) {
    super(shortMessage, options);
    this.revert = options.revert;
  }
}

/** Whether a contract refused; what is mined and reverts has no name. */
export function isRevert(error: unknown): error is AgentError {
  return error instanceof AgentError && error.code === "transaction-reverted";
}

/** The contract's error behind a failure, if it was a revert. */
export function revertOf(error: unknown): string | undefined {
  return error instanceof AgentError ? error.revert : undefined;
}
