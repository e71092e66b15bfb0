import type { LiveBlock } from "@millrace/protocol";
import { ApiError } from "./errors.ts";
import { readStatus } from "./status.ts";

const MOST_FOLLOWERS = 1_000;
/** How often the status is looked at while anybody follows it. */
const LOOK_INTERVAL_MS = 25;

type Follower = (block: LiveBlock) => void;

const followers = new Set<Follower>();
let latest: LiveBlock | undefined;
let isLooking = false;

/** @throws ApiError `too-many-followers` where {@link followBlocks} should not be called now */
export function requirePlace(): void {
  if (followers.size < MOST_FOLLOWERS) return;
  throw new ApiError(503, "too-many-followers", "As many as it serves follow its blocks.", [
    "Ask again later, or /v1/status from time to time.",
  ]);
}

/**
 * Calls `follow` for the latest block, and for each from then on; of those that come in quick succession the last alone.
 * After a reorganisation a block may be lower than the one before.
 *
 * @returns how to end it
 */
export function followBlocks(follow: Follower): () => void {
  followers.add(follow);
  if (latest && isLooking) follow(latest);
  if (!isLooking) {
    isLooking = true;
    latest = undefined;
    void look();
  }
  return () => followers.delete(follow);
}

/** Looks for as long as there are followers: one query for all of them. */
async function look(): Promise<void> {
  while (followers.size > 0) {
    try {
      const block = await readStatus();
      if (block.block !== latest?.block || block.time !== latest.time) {
        latest = block;
        for (const follow of followers) follow(block);
      }
    } catch (error) {
      // Not ready yet; or the database is gone for a moment, of which its own log tells.
      if (!(error instanceof ApiError)) console.error(error);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
  isLooking = false;
}
