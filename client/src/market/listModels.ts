import { type ModelSpec, type ModelSummary, modelIdOf, modelRegistryAbi } from "@millrace/protocol";
import { type Address, getAbiItem, type Hex, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import type { Core } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";
import { askIndexers, type Indexed } from "../indexer/askIndexers.ts";
import type { IndexerClient } from "../indexer/createIndexerClient.ts";

/** A published model. Anyone may publish anything under any name: the id is what counts. */
export interface Model {
  modelId: Hex;
  /** Who published it first. */
  publisher: Address;
  spec: ModelSpec;
}

/** As many as an indexer gives at once. */
const PAGE_MODELS = 1_000;
const MODEL_PUBLISHED = toEventSelector(getAbiItem({ abi: modelRegistryAbi, name: "ModelPublished" }));

/**
 * Lists all published models, in the order of their publication. Which there are an indexer may tell; each one's event is
 * looked up on the chain.
 *
 * @param isComplete whether the chain alone is to tell, for nobody sees what an indexer leaves out. Default: false.
 * @throws MillraceError `chain-unreachable` (retryable)
 */
export async function listModels(core: Core, { isComplete = false } = {}): Promise<Model[]> {
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const indexed = isComplete ? undefined : await askIndexers(core, { head: toBlock, read: readIndexed });
  const early = indexed && (await readEarly(core, indexed));
  const late = await readPublished(core, {
    fromBlock: early ? indexed.nextBlock : network.deployBlock,
    toBlock,
  });
  const models = new Map<Hex, Model>();
  for (const model of [...(early ?? []), ...late]) {
    if (!models.has(model.modelId)) models.set(model.modelId, model);
  }
  return [...models.values()];
}

async function readIndexed(indexer: IndexerClient, signal: AbortSignal): Promise<ModelSummary[]> {
  const models: ModelSummary[] = [];
  let after: string | undefined;
  do {
    const page = await indexer.models({ signal, limit: PAGE_MODELS, ...(after && { after }) });
    models.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return models;
}

/** The models of an indexer's early blocks, by their events; undefined where one of them is not as it says. */
async function readEarly(
  core: Core,
  { value, nextBlock }: Indexed<readonly ModelSummary[]>,
): Promise<Model[] | undefined> {
  const early = value.filter(({ publishedAt }) => publishedAt.block < nextBlock);
  const found = await Promise.all(
    early.map(async ({ modelId, publishedAt }) => {
      const block = BigInt(publishedAt.block);
      return (await readPublished(core, { modelId, fromBlock: block, toBlock: block }))[0];
    }),
  );
  const models = found.filter((model) => model !== undefined);
  return models.length === early.length ? models : undefined;
}

async function readPublished(
  core: Core,
  { modelId, ...range }: { modelId?: Hex; fromBlock: bigint; toBlock: bigint },
): Promise<Model[]> {
  const topics = [MODEL_PUBLISHED, modelId ?? null];
  const logs = await readLogs(core, { address: core.network.modelRegistry, topics, ...range });
  return logs.flatMap((log) => {
    if (log.eventName !== "ModelPublished") return [];
    const { modelId: id, publisher, spec } = log.args;
    // The registry hashes the spec itself; an id that does not fit means that this is not our registry.
    return modelIdOf(spec) === id ? [{ modelId: id, publisher, spec }] : [];
  });
}
