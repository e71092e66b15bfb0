import type { IndexerClient } from "@millrace/client";
import { MillraceError } from "@millrace/protocol";
import { useMarket } from "./useMarket.ts";

/**
 * The indexer's client.
 *
 * @returns a function, for only the query that asks should fail where the network has no indexer
 */
export function useIndexer(): () => IndexerClient {
  const { indexer, isForeignIndexer } = useMarket();
  return () => {
    if (isForeignIndexer) {
      throw new MillraceError("The indexer that this network names is of another market.", {
        code: "foreign-indexer",
        details: indexer?.url ?? "",
        hints: ["Correct `indexers` in the network's description."],
      });
    }
    if (indexer) return indexer;
    throw new MillraceError("This network names no indexer, and this page needs one.", {
      code: "no-indexer",
      hints: [
        "Run one with `./millrace indexer`, and name its URL under `indexers` in the network's description.",
      ],
    });
  };
}
