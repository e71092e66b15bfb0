import {
  backersAbi,
  courtAbi,
  faultsAbi,
  governorAbi,
  MillraceError,
  marketAbi,
  parametersAbi,
  stakedMillAbi,
  testUsdAbi,
  timelockAbi,
} from "@millrace/protocol";
import {
  BaseError,
  ChainMismatchError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  InternalRpcError,
  isHex,
  LimitExceededRpcError,
  ResourceNotFoundRpcError,
  ResourceUnavailableRpcError,
  TimeoutError,
  UserRejectedRequestError,
} from "viem";

/** A call that a contract refused, with the name and the values of its custom error. */
export class ContractError extends MillraceError {
  override readonly name = "ContractError";
  readonly errorName: string;
  readonly args: readonly unknown[];

  constructor(errorName: string, args: readonly unknown[], cause: unknown) {
    const values = args.map((value) => String(value)).join(", ");
    super(`The contract refused: ${errorName}(${values}).`, { code: "contract-refused", cause });
    this.errorName = errorName;
    this.args = args;
  }
}

const errorAbi = [
  ...marketAbi,
  ...faultsAbi,
  ...backersAbi,
  ...courtAbi,
  ...parametersAbi,
  ...testUsdAbi,
  ...stakedMillAbi,
  ...governorAbi,
  ...timelockAbi,
];

/**
 * Gives errors of the chain client our names: `chain-unreachable`, `contract-refused`, `wallet-rejected`, `wrong-chain`,
 * `chain-error`. Others pass.
 */
export function nameChainError(error: unknown): unknown {
  if (error instanceof MillraceError || !(error instanceof BaseError)) return error;
  if (error.walk((e) => e instanceof UserRejectedRequestError)) {
    return new MillraceError("The wallet's user refused.", { code: "wallet-rejected", cause: error });
  }
  if (error.walk((e) => e instanceof ChainMismatchError)) {
    return new MillraceError("The wallet is on another chain.", {
      code: "wrong-chain",
      details: error.shortMessage,
      cause: error,
    });
  }
  const unreachable = error.walk((e) => e instanceof HttpRequestError || e instanceof TimeoutError);
  if (unreachable instanceof HttpRequestError || unreachable instanceof TimeoutError) {
    return new MillraceError("The chain does not answer.", {
      code: "chain-unreachable",
      retryable: true,
      details: unreachable.shortMessage,
      hints: ["Check that it runs, and `rpcUrl` in the network's description."],
      cause: error,
    });
  }
  const data = revertData(error);
  if (data) {
    try {
      const { errorName, args } = decodeErrorResult({ abi: errorAbi, data });
      return new ContractError(errorName, (args ?? []) as readonly unknown[], error);
    } catch {
      // Not one of ours: it keeps its own words below.
    }
  }
  const mayPass = error.walk(
    (e) =>
      e instanceof InternalRpcError ||
      e instanceof LimitExceededRpcError ||
      e instanceof ResourceNotFoundRpcError ||
      e instanceof ResourceUnavailableRpcError,
  );
  return new MillraceError(error.shortMessage, {
    code: "chain-error",
    retryable: mayPass !== null,
    details: error.details,
    cause: error,
  });
}

/** Runs `action`; whatever the chain client throws comes out under our names. */
export async function withChainErrors<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw nameChainError(error);
  }
}

/** Nodes put revert data into `data`, either itself or one level deeper. */
function revertData(error: BaseError): Hex | undefined {
  let found: Hex | undefined;
  error.walk((e) => {
    const data = (e as { data?: unknown }).data;
    const inner = typeof data === "object" && data !== null ? (data as { data?: unknown }).data : data;
    if (isHex(inner) && inner.length >= 10) found = inner;
    return false;
  });
  return found;
}
