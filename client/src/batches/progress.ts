import { type Lot, NO_EVIDENCE } from "@millrace/protocol";
import type { Hex } from "viem";
import type { CaseNews } from "../court/caseView.ts";
import type { OnProgress } from "./events.ts";
import type { JobView, LotView } from "./jobView.ts";
import type { JobRecord } from "./record.ts";

/** What every event about a lot says of it. */
export function describeLot(lotId: Hex, { jobId, provider, firstItem, itemCount }: Lot) {
  return { jobId, lotId, provider, firstItem, itemCount };
}

/** Turns views of a job into events, each told once. */
export class ProgressTeller {
  readonly #job: JobRecord;
  readonly #onProgress: OnProgress;
  /** What was told, as `<subject> <status>`. */
  readonly #told = new Set<string>();

  constructor(job: JobRecord, onProgress: OnProgress) {
    this.#job = job;
    this.#onProgress = onProgress;
  }

  tell(view: JobView): void {
    const { jobId, modelName, request } = this.#job;
    if (view.job && this.#isNew("opened")) {
      const { itemCount } = request;
      this.#onProgress({ type: "opened", jobId, model: modelName, itemCount, bidItems: view.bidItems });
    }
    for (const lot of view.lots.values()) this.#tellLot(lot);
    if (view.job) {
      const { promptLimitPerMillion, outputLimitPerMillion } = view.job.request;
      const isRaised =
        promptLimitPerMillion !== request.promptLimitPerMillion ||
        outputLimitPerMillion !== request.outputLimitPerMillion;
      if (isRaised && this.#isNew(`topped-up ${promptLimitPerMillion} ${outputLimitPerMillion}`)) {
        this.#onProgress({ type: "topped-up", jobId, promptLimitPerMillion, outputLimitPerMillion });
      }
    }
    if (view.closed && this.#isNew("bid-closed")) {
      this.#onProgress({ type: "bid-closed", jobId, ...view.closed });
    }
  }

  /** Tells all that must have happened for the lot to be where it is, as a poll may miss steps between. */
  #tellLot({ lotId, lot, status, submission, due, settled, reopened, cases }: LotView): void {
    const about = describeLot(lotId, lot);
    if (this.#isNew(`${lotId} assigned`)) {
      this.#onProgress({ type: "lot-assigned", attempt: lot.attempt, ...about });
    }
    if (submission && this.#isNew(`${lotId} submitted`)) {
      const { promptTokens, outputTokens } = submission.totals;
      this.#onProgress({ type: "lot-submitted", promptTokens, outputTokens, due: due ?? 0n, ...about });
    }
    if ((status === "demanded" || status === "challenged") && this.#isNew(`${lotId} ${status}`)) {
      this.#onProgress({ type: "lot-held", cause: status, ...about });
    }
    for (const { number, history } of cases) {
      for (const [i, news] of history.entries()) {
        if (this.#isNew(`${lotId} case ${number} ${i}`)) this.#tellNews(news, lot, about);
      }
    }
    if (settled && this.#isNew(`${lotId} settled`)) {
      const { paid, fee, refund } = settled;
      this.#onProgress({ type: "lot-settled", paid, fee, refund, ...about });
    }
    if (reopened && this.#isNew(`${lotId} reopened`)) {
      this.#onProgress({ type: "lot-reopened", cause: reopened, ...about });
    }
    if (status === "closed" && this.#isNew(`${lotId} closed`)) {
      this.#onProgress({ type: "lot-closed", ...about });
    }
  }

  #tellNews(news: CaseNews, { firstItem }: Lot, about: ReturnType<typeof describeLot>): void {
    switch (news.type) {
      case "case-opened": {
        const { index, ...rest } = news;
        this.#onProgress({ ...rest, item: firstItem + index, ...about });
        break;
      }
      case "verdict": {
        const { median, ...rest } = news;
        const ratio = median === NO_EVIDENCE ? undefined : 2 ** (median / 64);
        this.#onProgress({ ...rest, ratio, ...about });
        break;
      }
      default:
        this.#onProgress({ ...news, ...about });
    }
  }

  #isNew(what: string): boolean {
    if (this.#told.has(what)) return false;
    this.#told.add(what);
    return true;
  }
}
