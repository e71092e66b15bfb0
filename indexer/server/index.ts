export { createIndexer, type Indexer, type IndexerOptions } from "./createIndexer.ts";
