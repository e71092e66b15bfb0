import { backing } from "./backing.ts";
import { court } from "./court.ts";
import { governance } from "./governance.ts";
import { listings } from "./listings.ts";
import { proofs } from "./proofs.ts";
import type { Scene } from "./scene.ts";
import { trade } from "./trade.ts";

/** All that can happen in a market, by name: together they make every event that can occur. */
export const scenes: Readonly<Record<string, Scene>> = {
  ...listings,
  ...trade,
  ...proofs,
  ...backing,
  ...court,
  ...governance,
};
