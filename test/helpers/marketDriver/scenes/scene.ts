import type { MarketDriver } from "../marketDriver.ts";

/** Something that happens in a market, from what it needs to its end. It needs nothing that another left behind. */
export type Scene = (market: MarketDriver) => Promise<void>;
