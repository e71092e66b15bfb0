import {
  encodeModelClass,
  type ModelClass,
  type ModelSpec,
  modelIdOf,
  modelRegistryAbi,
} from "@millrace/protocol";
import { encodeFunctionData, type Hex, sha256, stringToBytes } from "viem";
import type { Chain } from "../chain/chain.ts";
import { searchLogs } from "../chain/searchLogs.ts";
import type { Transactions } from "../chain/transactions.ts";

/**
 * Publishes a model's spec unless somebody has already; and its class, if outputs can be judged by it: its hash stands in
 * the spec, so anyone's copy will do. Returns the model's id.
 */
export async function publishModel(
  chain: Chain,
  transactions: Transactions,
  { spec, modelClass }: { spec: ModelSpec; modelClass: ModelClass },
): Promise<Hex> {
  const modelId = modelIdOf(spec);
  const registry = { abi: modelRegistryAbi, address: chain.network.modelRegistry } as const;
  const published = await searchLogs(
    chain.past,
    (range) =>
      chain.client.getContractEvents({
        ...registry,
        eventName: "ModelPublished",
        args: { modelId },
        ...range,
      }),
    (logs) => logs.length > 0,
  );
  if (published.length === 0) {
    await transactions.send(() => ({
      to: registry.address,
      data: encodeFunctionData({ abi: modelRegistryAbi, functionName: "publish", args: [spec] }),
      purpose: "publication of the model",
    }));
  }
  if (!modelClass.tolerance) return modelId;
  const attestation = attestationOf(modelClass);
  const attested = await searchLogs(chain.past, (range) =>
    chain.client.getContractEvents({
      ...registry,
      eventName: "ModelAttested",
      args: { modelId },
      ...range,
      strict: true,
    }),
  );
  const isAttested = attested.some(
    ({ args: { attestation: known } }) => known.kind === CLASS_KIND && known.uri === attestation.uri,
  );
  if (isAttested) return modelId;
  await transactions.send(() => ({
    to: registry.address,
    data: encodeFunctionData({ abi: modelRegistryAbi, functionName: "attest", args: [modelId, attestation] }),
    purpose: "publication of the model's class",
  }));
  return modelId;
}

const CLASS_KIND = "class";

function attestationOf(modelClass: ModelClass) {
  const bytes = stringToBytes(encodeModelClass(modelClass));
  return {
    kind: CLASS_KIND,
    contentHash: sha256(bytes),
    uri: `data:application/json;base64,${Buffer.from(bytes).toString("base64")}`,
    summary: "The class whose hash the spec has: how outputs of this model are made and judged.",
  };
}
