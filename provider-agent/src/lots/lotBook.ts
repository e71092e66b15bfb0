import { readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Job, type Lot, lotIdOf } from "@millrace/protocol";
import { type Hex, isHex } from "viem";
import { fromJson, readTextIfAny, removeFolder, toJson, writeFileAtomically } from "./files.ts";

/** The stages of a lot that is ours, in the order it flows through them. */
export const lotStages = ["fetch", "infer", "commit", "deliver", "submit", "collect"] as const;
export type LotStage = (typeof lotStages)[number];

/** A lot that was assigned to us. Its folder holds everything about it. */
export interface OwnLot {
  readonly lotId: Hex;
  readonly lot: Lot;
  readonly job: Job;
  readonly folder: string;
  stage: LotStage;
  itemsDone: number;
  /** Since when the chain does not know it, in milliseconds of the clock. */
  missingSince: number | undefined;
  /** Breaks off the stage under way, which then starts over by asking the chain. */
  interrupt: (() => void) | undefined;
}

/** Files of a lot's folder. */
export const lotFiles = {
  /** The terms of the lot and its job; there from the moment the lot is known. */
  terms: "lot.json",
  /** What the terms are called once the lot is through. */
  retired: "retired.json",
  /** The input as it came, still sealed. */
  input: "input.age",
  /** One line for each finished item. */
  items: "items.jsonl",
  /** What will be or was submitted, and the key of the results. */
  commitment: "commitment.json",
  /** The sealed results. */
  results: "results.age",
} as const;

/** All lots that are ours and not yet paid. */
export interface LotBook {
  /** Takes in a lot; if it is known already, returns that. On disk when this resolves. */
  add(entry: { lot: Lot; job: Job }): Promise<OwnLot>;
  get(lotId: Hex): OwnLot | undefined;
  all(): OwnLot[];
  /** Strikes out a lot that is through. Its folder stays for a while, as evidence. */
  retire(lotId: Hex): Promise<void>;
  /** Removes the folders of lots that were retired before `time`, in Unix milliseconds. */
  sweep(time: number): Promise<void>;
}

/** Opens the book kept in `folder`: one folder a lot. */
export async function openLotBook(folder: string): Promise<LotBook> {
  const lots = new Map<Hex, OwnLot>();
  const adding = new Map<Hex, Promise<OwnLot>>();

  const own = (lotId: Hex, terms: { lot: Lot; job: Job }): OwnLot => {
    const entry = {
      lotId,
      ...terms,
      folder: join(folder, lotId),
      stage: "fetch" as LotStage,
      itemsDone: 0,
      missingSince: undefined,
      interrupt: undefined,
    };
    lots.set(lotId, entry);
    return entry;
  };

  for (const name of await readdir(folder).catch(() => [])) {
    if (!isHex(name)) continue;
    const json = await readTextIfAny(join(folder, name, lotFiles.terms));
    // Died while making the folder: the chain will tell of the lot again.
    if (json === undefined) continue;
    own(name, fromJson<{ lot: Lot; job: Job }>(json));
  }

  return {
    add(terms) {
      const lotId = lotIdOf(terms.lot);
      const known = lots.get(lotId);
      if (known) return Promise.resolve(known);
      const underWay = adding.get(lotId);
      if (underWay !== undefined) return underWay;
      const added = writeFileAtomically(join(folder, lotId, lotFiles.terms), toJson(terms))
        .then(() => own(lotId, terms))
        .finally(() => adding.delete(lotId));
      adding.set(lotId, added);
      return added;
    },
    get: (lotId) => lots.get(lotId),
    all: () => [...lots.values()],
    async retire(lotId) {
      const entry = lots.get(lotId);
      if (!entry) return;
      lots.delete(lotId);
      await rename(join(entry.folder, lotFiles.terms), join(entry.folder, lotFiles.retired));
    },
    async sweep(time) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (!isHex(name) || lots.has(name) || adding.has(name)) continue;
        // The rename is what last changed the folder.
        if ((await stat(join(folder, name))).mtimeMs < time) await removeFolder(join(folder, name));
      }
    },
  };
}
