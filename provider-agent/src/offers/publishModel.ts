import { type ModelSpec, modelIdOf, modelRegistryAbi } from "@millrace/protocol";
import { encodeFunctionData, type Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import { searchLogs } from "../chain/searchLogs.ts";
import type { Transactions } from "../chain/transactions.ts";

/** Publishes a model's spec unless somebody has already. Returns its id. */
export async function publishModel(chain: Chain, transactions: Transactions, spec: ModelSpec): Promise<Hex> {
  const modelId = modelIdOf(spec);
  const published = await searchLogs(
    chain.past,
    (range) =>
      chain.client.getContractEvents({
        abi: modelRegistryAbi,
        address: chain.network.modelRegistry,
        eventName: "ModelPublished",
        args: { modelId },
        ...range,
      }),
    (logs) => logs.length > 0,
  );
  if (published.length > 0) return modelId;
  await transactions.send(() => ({
    to: chain.network.modelRegistry,
    data: encodeFunctionData({ abi: modelRegistryAbi, functionName: "publish", args: [spec] }),
    purpose: "publication of the model",
  }));
  return modelId;
}
