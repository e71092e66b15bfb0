import type { Core } from "./core.ts";

/**
 * The time that the next block will have at least, in Unix seconds: the latest block's, or the clock's where that is
 * later. A local chain makes no blocks, and so stands still, while nobody sends anything.
 */
export async function chainTime(core: Core): Promise<number> {
  const { timestamp } = await core.publicClient.getBlock({ blockTag: "latest" });
  return Math.max(Number(timestamp), Math.floor(core.clock.now() / 1000));
}
