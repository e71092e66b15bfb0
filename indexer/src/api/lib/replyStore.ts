const MOST_REPLIES = 1_000;
const MOST_BYTES = 64 * 2 ** 20;

/** The bytes of a reply, or undefined for one that is of no use to others. */
export type Body = Uint8Array<ArrayBuffer> | undefined;

/** Replies to what was asked of one state of the tables: up to 1,000, and 64 MiB. Beyond that none are kept. */
export class ReplyStore {
  readonly #byRequest = new Map<string, Promise<Body>>();
  #sizeBytes = 0;

  /** @returns undefined also where the same was asked, and not yet answered, but to no use */
  async get(request: string): Promise<Body> {
    return this.#byRequest.get(request);
  }

  /**
   * Announces a reply, for which others may wait from now on.
   *
   * @returns takes the reply, once it is there
   */
  begin(request: string): (body: Body) => void {
    const { promise, resolve } = Promise.withResolvers<Body>();
    if (this.#byRequest.size < MOST_REPLIES) this.#byRequest.set(request, promise);
    return (body) => {
      resolve(body);
      if (this.#byRequest.get(request) !== promise) return;
      if (body !== undefined && this.#sizeBytes + body.length <= MOST_BYTES) this.#sizeBytes += body.length;
      else this.#byRequest.delete(request);
    };
  }
}
