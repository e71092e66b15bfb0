import type { IndexerClient } from "@millrace/client";
import type { ModelSummary } from "@millrace/protocol";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Hex } from "viem";
import { shorten } from "../components/formats.ts";
import { useIndexed } from "./useIndexed.ts";

/** More are not read. */
const MOST_PAGES = 10;

async function readModels(indexer: IndexerClient): Promise<ModelSummary[]> {
  const models: ModelSummary[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await indexer.models({ limit: 1_000, ...(after && { after }) });
    models.push(...page.items);
    after = page.next;
    if (after === undefined) break;
  }
  return models;
}

/** All published models, and how they are called: of those that share a name, each with its id. */
export function useModels(): { query: UseQueryResult<ModelSummary[]>; nameOf: (modelId: Hex) => string } {
  const query = useIndexed(["models"], readModels);
  return {
    query,
    nameOf: (modelId) => {
      const name = query.data?.find((model) => model.modelId === modelId.toLowerCase())?.spec.name;
      if (name === undefined) return shorten(modelId);
      const namesakes = query.data?.filter(({ spec }) => spec.name === name) ?? [];
      return namesakes.length === 1 ? name : `${name} (${shorten(modelId)})`;
    },
  };
}
