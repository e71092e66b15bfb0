import {
  type Contracts,
  contractNames,
  governorAbi,
  marketAbi,
  millAbi,
  parametersAbi,
  stakedMillAbi,
  testUsdAbi,
  timelockAbi,
} from "@millrace/protocol";
import {
  type Abi,
  type Address,
  decodeFunctionData,
  formatEther,
  getAddress,
  type Hex,
  zeroAddress,
} from "viem";
import { type AssetUnit, type ParameterField, parameterWords, wordParameter } from "./parameterWords.ts";
import type { GovernedNumbers } from "./readGoverned.ts";

/** Contracts that a vote may call, by their name in a network's description, with what they understand. */
const abis: Partial<Record<keyof Contracts, Abi>> = {
  parameters: parametersAbi,
  stakedMill: stakedMillAbi,
  timelock: timelockAbi,
  governor: governorAbi,
  market: marketAbi,
  mill: millAbi,
  asset: testUsdAbi,
};

/**
 * Says in plain words what a proposal would do, a line for each change, such as `Fee: 1 % → 2 %`. What it cannot put into
 * words it shows as it is: no call is left out.
 *
 * @param calldatas of the proposal's calls, in order
 * @param now what is in force, with the guardian where known
 * @param targets of the calls. Default: `Parameters` for each; give them wherever they are at hand, or a call elsewhere
 * reads like a change that it is not.
 * @param values ether that goes along, in wei. Default: none.
 * @param contracts by which targets are named. Default: none is.
 * @param symbol of the asset. Default: USD.
 * @param decimals of the asset. Default: 6.
 */
export function describeProposal(
  calldatas: readonly Hex[],
  now: GovernedNumbers & { guardian?: Address },
  {
    targets,
    values,
    contracts,
    ...asset
  }: {
    targets?: readonly Address[];
    values?: readonly bigint[];
    contracts?: Partial<Contracts>;
  } & Partial<AssetUnit> = {},
): string[] {
  let current = now;
  return calldatas.flatMap((data, i) => {
    const target = targets?.[i];
    const name = target ? nameOf(target, contracts) : "parameters";
    const paid = values?.[i] ? [`Sends ${formatEther(values[i])} of the chain's coin along.`] : [];
    const call = name && decode(abis[name], data);
    if (name === "parameters" && call) {
      const { lines, next } = describeParametersCall(call, current, asset);
      current = next;
      return [...lines, ...paid];
    }
    const where = name
      ? `${name}${target ? ` (${getAddress(target)})` : ""}`
      : getAddress(target ?? zeroAddress);
    if (!call) return [`Calls ${where} with ${data}.`, ...paid];
    return [`Calls ${call.functionName}(${call.args.map(wordArgument).join(", ")}) of ${where}.`, ...paid];
  });
}

interface Call {
  functionName: string;
  args: readonly unknown[];
}

function describeParametersCall<N extends GovernedNumbers & { guardian?: Address }>(
  { functionName, args }: Call,
  now: N,
  asset: Partial<AssetUnit>,
): { lines: string[]; next: N } {
  switch (functionName) {
    case "append": {
      // As the ABI has them.
      const [market, court] = args as [GovernedNumbers["market"], GovernedNumbers["court"]];
      const lines = [...diff(now.market, market, asset), ...diff(now.court, court, asset)];
      return {
        lines: lines.length > 0 ? lines : ["Appends a version with the same numbers."],
        next: { ...now, market, court },
      };
    }
    case "setGuardian": {
      const guardian = args[0] as Address;
      const before = now.guardian ? `${wordGuardian(now.guardian)} → ` : "";
      return {
        lines: [`Guardian, who may pause openings: ${before}${wordGuardian(guardian)}`],
        next: { ...now, guardian },
      };
    }
    case "unpause":
      return { lines: ["Ends a pause: jobs and offers can be opened again."], next: now };
    default:
      return {
        lines: [`Calls ${functionName}(${args.map(wordArgument).join(", ")}) of parameters.`],
        next: now,
      };
  }
}

function diff(before: object, after: object, asset: Partial<AssetUnit>): string[] {
  const [old, next] = [before, after] as Record<string, number | bigint>[];
  return Object.keys(after).flatMap((key) => {
    if (old?.[key] === next?.[key]) return [];
    const field = key as ParameterField;
    const say = (value: number | bigint | undefined) =>
      value === undefined ? "?" : wordParameter(field, value, asset);
    return [`${parameterWords[field].name}: ${say(old?.[key])} → ${say(next?.[key])}`];
  });
}

function wordGuardian(guardian: Address): string {
  return guardian === zeroAddress ? "nobody" : getAddress(guardian);
}

function nameOf(target: Address, contracts: Partial<Contracts> = {}): keyof Contracts | undefined {
  return contractNames.find((name) => contracts[name]?.toLowerCase() === target.toLowerCase());
}

function decode(abi: Abi | undefined, data: Hex): Call | undefined {
  if (!abi) return undefined;
  try {
    const { functionName, args } = decodeFunctionData({ abi, data });
    return { functionName, args: args ?? [] };
  } catch {
    return undefined;
  }
}

function wordArgument(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(wordArgument).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, field]) => `${name}: ${wordArgument(field)}`)
    .join(", ")}}`;
}
