/**
 * Gathers items while a run is waiting or under way and hands all of them to the next, so that many lots cost one
 * transaction. Each caller learns how its own run ended.
 */
export interface Batcher<Item> {
  add(item: Item): Promise<void>;
}

/**
 * @param run is called once per batch; it takes the items with `take` as late as it likes, and at least once.
 * @param maxItems per batch
 */
export function createBatcher<Item>(
  run: (take: () => Item[]) => Promise<void>,
  { maxItems }: { maxItems: number },
): Batcher<Item> {
  interface Waiting {
    item: Item;
    resolve: () => void;
    reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    isRunning = true;
    // Callers of the same moment go together.
    await Promise.resolve();
    while (waiting.length > 0) {
      let taken: Waiting[] = [];
      const take = () => {
        if (taken.length === 0) taken = waiting.splice(0, maxItems);
        return taken.map(({ item }) => item);
      };
      try {
        await run(take);
        for (const { resolve } of taken) resolve();
      } catch (error) {
        // A run that failed before it took anything failed for those who wait.
        if (taken.length === 0) take();
        for (const { reject } of taken) reject(error);
      }
    }
    isRunning = false;
  }

  return {
    add(item) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ item, resolve, reject });
      if (!isRunning) void drain();
      return promise;
    },
  };
}
