import { toAgentError } from "./rpcErrors.ts";

/** A range of this many blocks is refused by no endpoint that we know of. */
const SAFE_SPAN = 1_000n;

/**
 * Searches the whole past for events. Most endpoints answer at once, as what is searched for is indexed; those that
 * limit the range are asked piece by piece, newest first.
 *
 * @param search asks for the events of one range
 * @param isEnough stops the search early. Default: never.
 * @returns the events in the chain's order
 * @throws AgentError `rpc-unavailable`
 */
export async function searchLogs<Log>(
  { fromBlock, head }: { fromBlock: bigint; head: () => Promise<bigint> },
  search: (range: { fromBlock: bigint; toBlock: bigint }) => Promise<readonly Log[]>,
  isEnough: (logs: readonly Log[]) => boolean = () => false,
): Promise<Log[]> {
  try {
    const toBlock = await head();
    const whole = { fromBlock, toBlock };
    const all = await search(whole).catch((error: unknown) => {
      // In pieces it could not fare better.
      if (toBlock - fromBlock < SAFE_SPAN) throw error;
      return undefined;
    });
    if (all) return [...all];
    let found: Log[] = [];
    for (let to = toBlock; to >= fromBlock && !isEnough(found); to -= SAFE_SPAN) {
      const from = to - SAFE_SPAN + 1n > fromBlock ? to - SAFE_SPAN + 1n : fromBlock;
      found = [...(await search({ fromBlock: from, toBlock: to })), ...found];
    }
    return found;
  } catch (cause) {
    throw toAgentError("searching for events", cause);
  }
}
