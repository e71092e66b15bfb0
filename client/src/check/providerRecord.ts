import { FAULT_RATIO, MillraceError, type Tolerance } from "@millrace/protocol";
import type { Address, Hex } from "viem";
import type { Core } from "../core/core.ts";
import { decodeJson, encodeJson } from "../state/json.ts";
import { addStatistics, type LotStatistics, pooledRatio } from "./statistics.ts";

/** What this client has found out about a provider's computations, over all of its batches. */
export interface ProviderRecord {
  address: Address;
  /** Lots of which items were computed again. */
  lots: number;
  /** Of these, lots with an item that was a fault. */
  faultyLots: number;
  /** Lots that a court took from the provider for this client. */
  convictions: number;
  /** By class hash. */
  classes: Record<Hex, { statistics: LotStatistics; tolerance: Tolerance }>;
  /** The latest of what was counted, by lot and commitment, so that nothing is counted twice. */
  counted: string[];
}

const MOST_REMEMBERED = 256;
const LOCK_ATTEMPTS = 50;
const LOCK_PAUSE_MS = 20;

const folder = "providers";
const keyOf = (provider: Address) => `${folder}/${provider.toLowerCase()}.json`;

/** How far a provider is from honest machines, over all of its checked lots: 1 is the line that tolerances draw. */
function ratioOfProvider({ classes }: ProviderRecord): number {
  const ratios = Object.values(classes).map(({ statistics, tolerance }) =>
    pooledRatio(statistics, tolerance),
  );
  return Math.max(0, ...ratios);
}

/**
 * The addresses, in lower case, of providers that get no more work from here: who was convicted, or whose lots taken
 * together show what no single one did.
 */
export async function avoidedProviders(core: Core): Promise<Set<string>> {
  const records = await listProviderRecords(core);
  const isAvoided = (record: ProviderRecord) =>
    record.convictions > 0 || ratioOfProvider(record) >= FAULT_RATIO;
  return new Set(records.filter(isAvoided).map(({ address }) => address.toLowerCase()));
}

async function listProviderRecords({ state }: Core): Promise<ProviderRecord[]> {
  const records: ProviderRecord[] = [];
  for (const name of await state.list(folder)) {
    const text = name.endsWith(".json") ? await state.read(`${folder}/${name}`) : undefined;
    if (text !== undefined) records.push(decodeJson<ProviderRecord>(text));
  }
  return records;
}

/** Counts a lot that was checked, once. */
export async function countCheckedLot(
  core: Core,
  {
    provider,
    lotId,
    commitment,
    classHash,
    tolerance,
    statistics,
    isFaulty,
  }: {
    provider: Address;
    lotId: Hex;
    commitment: Hex;
    classHash: Hex;
    tolerance: Tolerance;
    statistics: LotStatistics;
    isFaulty: boolean;
  },
): Promise<void> {
  await change(core, provider, `${lotId} ${commitment}`, (record) => {
    record.lots++;
    if (isFaulty) record.faultyLots++;
    const before = record.classes[classHash]?.statistics;
    record.classes[classHash] = {
      statistics: before ? addStatistics(before, statistics) : statistics,
      tolerance,
    };
  });
}

/** Counts a lot that the court took from its provider, once. */
export async function countConviction(
  core: Core,
  { provider, lotId }: { provider: Address; lotId: Hex },
): Promise<void> {
  await change(core, provider, `${lotId} convicted`, (record) => {
    record.convictions++;
  });
}

async function change(
  core: Core,
  address: Address,
  what: string,
  apply: (record: ProviderRecord) => void,
): Promise<void> {
  const key = keyOf(address);
  await using _lock = await lockPatiently(core, key);
  const text = await core.state.read(key);
  const record: ProviderRecord =
    text === undefined
      ? { address, lots: 0, faultyLots: 0, convictions: 0, classes: {}, counted: [] }
      : decodeJson<ProviderRecord>(text);
  if (record.counted.includes(what)) return;
  apply(record);
  record.counted = [...record.counted, what].slice(-MOST_REMEMBERED);
  await core.state.write(key, encodeJson(record));
}

/** Lots of one provider are checked beside each other, and by other processes; each holds the record for moments. */
async function lockPatiently({ state, clock }: Core, key: string): Promise<AsyncDisposable> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await state.lock(key);
    } catch (error) {
      const isBusy = error instanceof MillraceError && error.code === "locked";
      if (!isBusy || attempt === LOCK_ATTEMPTS) throw error;
    }
    await clock.sleep(LOCK_PAUSE_MS);
  }
}
