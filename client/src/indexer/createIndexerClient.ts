import { type IndexedJobStatus, type LiveBlock, MillraceError } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import { z } from "zod";
import { followBlocks } from "./followBlocks.ts";
import { caseDetail, caseSummary } from "./replies/cases.ts";
import { isSame, only, pageOf } from "./replies/fields.ts";
import {
  accountDetail,
  parametersVersion,
  proposalDetail,
  proposalSummary,
  stakeSummary,
} from "./replies/holders.ts";
import { jobDetail, jobSummary } from "./replies/jobs.ts";
import {
  bookQuote,
  indexedOffer,
  indexerStatus,
  marketTotals,
  modelDetail,
  modelSummary,
  orderBook,
  pricePoint,
} from "./replies/market.ts";
import { providerDetail, providerRecord } from "./replies/providers.ts";
import { openReply, requestJson } from "./requestJson.ts";

const TIMEOUT_MS = 30_000;

export interface IndexerClientOptions {
  /** Where it answers, without `/v1`. */
  url: string;
  /** Default: the platform's. */
  fetch?: typeof globalThis.fetch;
  /** How long a reply may take. Default: 30 s. */
  timeoutMs?: number;
}

/** What each method takes beside its parameters. */
export interface IndexerRequest {
  signal?: AbortSignal;
}

/** Which part of a list. */
export interface PageOptions {
  /** `next` of the part before. Default: from the start. */
  after?: string;
  /** Default: the indexer's, 100. */
  limit?: number;
}

export type IndexerClient = ReturnType<typeof createIndexerClient>;

/**
 * Makes a client of one indexer: a method for each of its endpoints, whose replies `@millrace/protocol` describes. Each
 * reply has to have that shape, and to be about what was asked for. It tells what events say and is no authority: check
 * against the chain whatever money hangs on.
 *
 * Every method throws MillraceError `indexer-unreachable` (retryable), `invalid-indexer-reply`, `invalid-request`, and
 * those that name a thing `unknown-…`; or its signal's reason.
 *
 * @example
 * const indexer = createIndexerClient({ url: network.indexers[0] });
 * const { asks } = await indexer.book({ modelId });
 */
export function createIndexerClient({
  url,
  fetch = globalThis.fetch,
  timeoutMs = TIMEOUT_MS,
}: IndexerClientOptions) {
  const root = url.endsWith("/") ? url : `${url}/`;

  const ask = <T>(
    schema: z.ZodType<T>,
    path: string,
    { signal, ...query }: { signal?: AbortSignal | undefined } & Record<string, unknown> = {},
  ): Promise<T> => {
    const target = new URL(`v1/${path}`, root);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const timeout = AbortSignal.timeout(timeoutMs);
    const request = requestJson(target, {
      schema,
      fetch,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return request.catch((error: unknown) => {
      throw timeout.aborted && !signal?.aborted ? timedOut(target, timeoutMs) : error;
    });
  };

  return {
    url,
    /** How far the chain has been read. */
    status: (options: IndexerRequest = {}) => ask(indexerStatus, "status", { ...options }),
    totals: (options: IndexerRequest = {}) => ask(marketTotals, "totals", { ...options }),
    /** In the order of publication; without those whose texts are longer than 1,024 bytes. */
    models: (options: IndexerRequest & PageOptions = {}) =>
      ask(pageOf(modelSummary), "models", { ...options }),
    model: ({ modelId, signal }: IndexerRequest & { modelId: Hex }) =>
      ask(
        only(modelDetail, (model) => isSame(model.modelId, modelId)),
        `models/${modelId}`,
        { signal },
      ),
    /** Offers that can be taken now, in the order in which they were posted. */
    offers: (options: IndexerRequest & PageOptions & { modelId?: Hex } = {}) =>
      ask(
        only(pageOf(indexedOffer), ({ items }) =>
          items.every((offer) => isOf(offer.modelId, options.modelId)),
        ),
        "offers",
        { ...options },
      ),
    /** @param limit of offers, and of prices of the depth. Default: 100. */
    book: ({ modelId, ...options }: IndexerRequest & { modelId: Hex; limit?: number }) =>
      ask(
        only(orderBook, (book) => [book, ...book.asks].every((one) => isSame(one.modelId, modelId))),
        `models/${modelId}/book`,
        options,
      ),
    /** What was paid, by time. Defaults are the indexer's. */
    prices: ({
      modelId,
      ...options
    }: IndexerRequest & { modelId: Hex; from?: number; bucketSeconds?: number }) =>
      ask(z.array(pricePoint), `models/${modelId}/prices`, options),
    /**
     * What live offers would take for a batch.
     *
     * @param promptTokens per item
     * @param outputTokens per item
     */
    quote: (
      options: IndexerRequest & { modelId: Hex; items: number; promptTokens: number; outputTokens: number },
    ) =>
      ask(
        only(bookQuote, ({ modelId, items }) => isSame(modelId, options.modelId) && items === options.items),
        "quotes",
        { ...options },
      ),
    /** Most earned first. */
    providers: (options: IndexerRequest & PageOptions = {}) =>
      ask(pageOf(providerRecord), "providers", { ...options }),
    provider: ({ address, signal }: IndexerRequest & { address: Address }) =>
      ask(
        only(providerDetail, (detail) =>
          [detail, ...detail.offers, ...detail.lots].every(({ provider }) => isSame(provider, address)),
        ),
        `providers/${address}`,
        { signal },
      ),
    jobs: (
      options: IndexerRequest &
        PageOptions & { buyer?: Address; modelId?: Hex; status?: IndexedJobStatus } = {},
    ) =>
      ask(
        only(pageOf(jobSummary), ({ items }) =>
          items.every(
            ({ buyer, modelId, status }) =>
              isOf(buyer, options.buyer) && isOf(modelId, options.modelId) && isOf(status, options.status),
          ),
        ),
        "jobs",
        { ...options },
      ),
    job: ({ jobId, signal }: IndexerRequest & { jobId: Hex }) =>
      ask(
        only(jobDetail, (job) => [job, ...job.lots].every((one) => isSame(one.jobId, jobId))),
        `jobs/${jobId}`,
        { signal },
      ),
    cases: (options: IndexerRequest & PageOptions & { status?: "open" | "over" } = {}) =>
      ask(pageOf(caseSummary), "cases", { ...options }),
    case: ({ caseId, signal }: IndexerRequest & { caseId: string }) =>
      ask(
        only(caseDetail, (one) => isSame(one.caseId, caseId)),
        `cases/${encodeURIComponent(caseId)}`,
        { signal },
      ),
    /** Every version, newest first. */
    parameters: (options: IndexerRequest = {}) =>
      ask(z.array(parametersVersion), "parameters", { ...options }),
    /** Newest first; at most 100 at once. */
    proposals: (options: IndexerRequest & PageOptions = {}) =>
      ask(pageOf(proposalSummary), "proposals", { ...options }),
    proposal: ({ proposalId, signal }: IndexerRequest & { proposalId: string | bigint }) =>
      ask(
        only(proposalDetail, (proposal) => isSame(proposal.proposalId, String(proposalId))),
        `proposals/${proposalId}`,
        { signal },
      ),
    stake: (options: IndexerRequest = {}) => ask(stakeSummary, "stake", { ...options }),
    account: ({ address, signal }: IndexerRequest & { address: Address }) =>
      ask(
        only(accountDetail, (account) => isSame(account.address, address)),
        `accounts/${address}`,
        { signal },
      ),
    /**
     * Calls `onBlock` for the latest block at once and for each that is read from then on, until the signal aborts.
     * Connects again whenever the connection ends.
     */
    live: (onBlock: (block: LiveBlock) => void, signal: AbortSignal): Promise<void> =>
      followBlocks(
        (opening) =>
          openReply(new URL("v1/live", root), { fetch, signal: opening, accept: "text/event-stream" }),
        { onBlock, signal },
      ),
  };
}

/** Whether something is of what a list was asked for; of all, where it was not asked for one. */
const isOf = (value: string, asked: string | undefined) => asked === undefined || isSame(value, asked);

function timedOut(url: URL, timeoutMs: number): MillraceError {
  return new MillraceError("The indexer does not answer.", {
    code: "indexer-unreachable",
    retryable: true,
    details: `${url.origin} took longer than ${timeoutMs} ms.`,
  });
}
