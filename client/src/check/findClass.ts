import {
  classHashOf,
  decodeModelClass,
  hashText,
  type ModelClass,
  modelRegistryAbi,
} from "@millrace/protocol";
import { getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";

/** The exact text of a class, such as `<model>.class.json` holds. */
export type ClassSource = string;

const MODEL_ATTESTED = toEventSelector(getAbiItem({ abi: modelRegistryAbi, name: "ModelAttested" }));
const DATA_PREFIX = "data:application/json;base64,";

/**
 * Finds the class with a hash: among the texts at hand, else in the attestations of its model. Its hash names it, so
 * whoever's copy is as good as any.
 *
 * @returns undefined if nobody shows it
 */
export async function findClass(
  core: Core,
  { modelId, classHash, atHand }: { modelId: Hex; classHash: Hex; atHand: readonly ClassSource[] },
): Promise<ModelClass | undefined> {
  const own = atHand.find((text) => hashText(text) === classHash);
  if (own !== undefined) return decodeModelClass(own);
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const logs = await readLogs(core, {
    address: network.modelRegistry,
    topics: [MODEL_ATTESTED, modelId],
    fromBlock: network.deployBlock,
    toBlock,
  });
  for (const log of logs) {
    if (log.eventName !== "ModelAttested") continue;
    const { kind, uri } = log.args.attestation;
    const found = kind === "class" ? readClass(uri, classHash) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Anyone attests anything: what is not the class in question is passed over. */
function readClass(uri: string, classHash: Hex): ModelClass | undefined {
  if (!uri.startsWith(DATA_PREFIX)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(uri.slice(DATA_PREFIX.length)), (letter) => letter.charCodeAt(0));
    const found = decodeModelClass(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return classHashOf(found) === classHash ? found : undefined;
  } catch {
    return undefined;
  }
}
