import { deployments } from "../../ignition/deployments.ts";
import { inTries, majorityOf } from "../../test/simulation/draws.ts";
import { courtRules } from "../../test/simulation/rules.ts";
import type { Table } from "./page.ts";

const SHARES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4] as const;
/** Blocks that whoever builds one may look at before one is published. */
const TRIES = [1, 1_000, 1_000_000, 1_000_000_000] as const;

/** Of a block's hash. */
const MAX_AGE_BLOCKS = 256;
/** What a block's number counts on each chain: its own blocks, or its parent's. */
const BLOCK_SECONDS = { base: 2, arbitrum: 12 } as const;

/** What of docs/economics.md is about the luck of the draw. */
export function drawTables(): Record<string, Table> {
  return { majorities: majorities(), tries: tries(), rearms: rearms() };
}

function majorities(): Table {
  const rows = courtRules.sizes.map((size) => [
    `${size}`,
    ...SHARES.map((share) => chance(majorityOf(size, share))),
  ]);
  return [["a majority of a jury of; of all seats", ...SHARES.map(percent)], ...rows];
}

function tries(): Table {
  const juries = [courtRules.sizes[0]!, courtRules.sizes.at(-1)!];
  const rows = juries.flatMap((size) =>
    TRIES.map((count) => [
      `${size}, best of ${count.toLocaleString("en")}`,
      ...SHARES.map((share) => chance(inTries(majorityOf(size, share), count))),
    ]),
  );
  return [["a majority of a jury of; of all seats", ...SHARES.map(percent)], ...rows];
}

/** How many blocks can decide one draw in its time, if it is kept out until each of their hashes is gone. */
function rearms(): Table {
  const chains = Object.keys(BLOCK_SECONDS) as (keyof typeof BLOCK_SECONDS)[];
  const counts = chains.map((chain) => {
    const { phaseSeconds } = deployments[chain].courtParameters;
    return 1 + Math.floor(phaseSeconds / (MAX_AGE_BLOCKS * BLOCK_SECONDS[chain]));
  });
  return [
    ["", ...chains],
    ["blocks that can decide one draw", ...counts.map(String)],
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** In percent, or where that is next to nothing as a power of ten. */
function chance(value: number): string {
  if (value >= 0.000_95) return `${(value * 100).toPrecision(value > 0.995 ? 3 : 2)} %`;
  const [digits, exponent] = value.toExponential(0).split("e-");
  const raised = [...exponent!].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return `${digits} × 10⁻${raised}`;
}
