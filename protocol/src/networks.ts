import { type Address, isAddress } from "viem";
import { MillraceError } from "./errors.ts";
import type { MarketRef } from "./types.ts";

/** The contracts of one deployment. */
export interface Contracts {
  market: Address;
  /** The ERC-20 in which the Market prices, stakes and settles. */
  asset: Address;
  modelRegistry: Address;
  parameters: Address;
  faults: Address;
  court: Address;
  /** Delegated collateral. */
  backers: Address;
  mill: Address;
  /** Also the Market's vault. */
  stakedMill: Address;
  governor: Address;
  timelock: Address;
}

/** Their names, as network descriptions have them. */
export const contractNames = [
  "market",
  "asset",
  "modelRegistry",
  "parameters",
  "faults",
  "court",
  "backers",
  "mill",
  "stakedMill",
  "governor",
  "timelock",
] as const satisfies readonly (keyof Contracts)[];

/** Where one network's contracts and services are. Local ones are written by `./millrace dev`. */
export interface Network extends MarketRef, Contracts {
  name: string;
  rpcUrl: string;
  /** The block before which no event of these contracts exists. */
  deployBlock: bigint;
  /** URLs, tried in order. */
  relays: readonly string[];
  /** URLs, tried in order; all that needs one works without, more slowly. Default: none. */
  indexers?: readonly string[];
}

/** Public deployments, by name. There is none yet: the contracts have not been audited. */
export const networks: Readonly<Record<string, Network>> = {};

/** Writes a network's description as JSON; {@link parseNetwork} reads it back. */
export function formatNetwork(network: Network): string {
  return JSON.stringify({ ...network, deployBlock: network.deployBlock.toString() }, null, 2);
}

/**
 * Reads a network's description.
 *
 * @throws MillraceError `invalid-network`
 */
export function parseNetwork(json: string): Network {
  const fail = (details: string, cause?: unknown) =>
    new MillraceError("The network description is not usable.", { code: "invalid-network", details, cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw fail("It is not JSON.", cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw fail("It is not an object.");
  const raw = parsed as Record<string, unknown>;
  const text = (field: string) => {
    const value = raw[field];
    if (typeof value !== "string") throw fail(`\`${field}\` is not a text.`);
    return value;
  };
  const address = (field: string) => {
    const value = text(field);
    if (!isAddress(value)) throw fail(`\`${field}\` is not an address: ${value}`);
    return value;
  };
  const urls = (field: string, value: unknown) => {
    if (Array.isArray(value) && value.every((url) => URL.canParse(String(url)))) return value.map(String);
    throw fail(`\`${field}\` is not a list of URLs.`);
  };
  if (!Number.isSafeInteger(raw.chainId)) throw fail("`chainId` is not a number.");
  if (!/^\d+$/.test(text("deployBlock"))) throw fail("`deployBlock` is not a block number.");
  return {
    name: text("name"),
    chainId: raw.chainId as number,
    rpcUrl: text("rpcUrl"),
    // One for each of the names above.
    ...(Object.fromEntries(contractNames.map((field) => [field, address(field)])) as unknown as Contracts),
    deployBlock: BigInt(text("deployBlock")),
    relays: urls("relays", raw.relays),
    ...(raw.indexers !== undefined && { indexers: urls("indexers", raw.indexers) }),
  };
}
