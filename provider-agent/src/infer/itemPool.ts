/** A lot's items still to be computed. */
export interface ItemRun {
  /** Unix seconds; of several lots the most urgent goes first. */
  deadline: number;
  /** Places in the lot, in the order to compute them. */
  indexes: readonly number[];
  /** Computes one item. A rejection stops the whole run. */
  compute(index: number): Promise<void>;
  signal: AbortSignal;
}

/** Feeds the engine from all lots at once, so that it is full also where one lot ends and the next begins. */
export interface ItemPool {
  run(items: ItemRun): Promise<void>;
}

interface Running extends ItemRun {
  next: number;
  inFlight: number;
  resolve: () => void;
  reject: (error: unknown) => void;
  failed: boolean;
}

/** @param slots how many items are handed to the engine at once: its sequences, and a few that it can prepare. */
export function createItemPool({ slots }: { slots: number }): ItemPool {
  /** Sorted by urgency; only lots that have items left to start. */
  const waiting: Running[] = [];
  let free = slots;

  function pump(): void {
    while (free > 0) {
      const run = waiting[0];
      if (!run) return;
      if (run.failed || run.signal.aborted) {
        waiting.shift();
        fail(run, run.signal.reason);
        continue;
      }
      const index = run.indexes[run.next++]!;
      if (run.next === run.indexes.length) waiting.shift();
      start(run, index);
    }
  }

  function start(run: Running, index: number): void {
    free--;
    run.inFlight++;
    run
      .compute(index)
      .catch((error: unknown) => fail(run, error))
      .finally(() => {
        free++;
        run.inFlight--;
        if (!run.failed && run.inFlight === 0 && run.next === run.indexes.length) run.resolve();
        pump();
      });
  }

  function fail(run: Running, error: unknown): void {
    run.failed = true;
    const place = waiting.indexOf(run);
    if (place >= 0) waiting.splice(place, 1);
    run.reject(error);
  }

  return {
    run(items) {
      if (items.indexes.length === 0) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const run: Running = { ...items, next: 0, inFlight: 0, resolve, reject, failed: false };
      const place = waiting.findIndex(({ deadline }) => deadline > run.deadline);
      waiting.splice(place < 0 ? waiting.length : place, 0, run);
      pump();
      return promise;
    },
  };
}
