import { type ModelSpec, modelIdOf, modelRegistryAbi } from "@millrace/protocol";
import { type Address, getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";

/** A published model. Anyone may publish anything under any name: the id is what counts. */
export interface Model {
  modelId: Hex;
  /** Who published it first. */
  publisher: Address;
  spec: ModelSpec;
}

const MODEL_PUBLISHED = toEventSelector(getAbiItem({ abi: modelRegistryAbi, name: "ModelPublished" }));

/**
 * Lists all published models, in the order of their publication.
 *
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listModels(core: Core): Promise<Model[]> {
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const logs = await readLogs(core, {
    address: network.modelRegistry,
    topics: [MODEL_PUBLISHED],
    fromBlock: network.deployBlock,
    toBlock,
  });
  const models = new Map<Hex, Model>();
  for (const log of logs) {
    if (log.eventName !== "ModelPublished") continue;
    const { modelId, publisher, spec } = log.args;
    // The registry hashes the spec itself; an id that does not fit means that this is not our registry.
    if (modelIdOf(spec) !== modelId || models.has(modelId)) continue;
    models.set(modelId, { modelId, publisher, spec });
  }
  return [...models.values()];
}
