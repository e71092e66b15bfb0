import { COLLATERALS, FRACTIONS, leastAudited, netGain, SAMPLES } from "../../test/simulation/cheating.ts";
import type { Strategy } from "../../test/simulation/jurors.ts";
import { type Cell, COURT_SIZES, type Measurements, SHARES } from "../../test/simulation/measure.ts";
import { courtRules } from "../../test/simulation/rules.ts";
import type { Table } from "./page.ts";

/** What the strategies are called on the page. */
export const strategyNames: Readonly<Record<Strategy, string>> = {
  honest: "honest",
  lazyFault: "lazy, always a fault",
  lazyClean: "lazy, never a fault",
  copying: "copying hearsay",
  bribed: "bribed, the opposite",
  bribedZone: "bribed, just inside the zone",
  bribedNoEvidence: "bribed, “no evidence”",
  withholding: "of a withholding challenger",
  absent: "absent",
};

/** Every table of docs/economics.md, by its name there. */
export function courtTables(measurements: Measurements): Record<string, Table> {
  return {
    errors: errors(measurements),
    pay: pay(measurements),
    corruption: corruption(measurements),
    sizes: sizes(measurements),
    least: least(measurements),
    attacks: attacks(measurements),
    kinds: kinds(measurements),
    floors: floors(measurements),
    caught: caught(measurements),
    gain: gain(measurements),
    audited: audited(),
  };
}

/** A cell of the measurements; all honest where the share is none. */
export function cellOf(m: Measurements, strategy: Strategy, share: number, isCheat: boolean): Cell {
  const from = share === 0 ? m.honest : m.cells.filter((cell) => cell.strategy === strategy);
  return from.find((cell) => cell.share === share && cell.isCheat === isCheat)!;
}

/** The strategies that were measured where there is a fault, or where there is none. */
export const strategiesOf = (m: Measurements, isCheat: boolean): Strategy[] => [
  ...new Set(m.cells.filter((cell) => cell.isCheat === isCheat).map(({ strategy }) => strategy)),
];

function errors(m: Measurements): Table {
  const rows = [false, true].flatMap((isCheat) =>
    strategiesOf(m, isCheat).map((strategy) => [
      `${isCheat ? "cheat paid" : "honest slashed"}: ${strategyNames[strategy]}`,
      ...[0, ...SHARES].map((share) => percent(cellOf(m, strategy, share, isCheat).wrong)),
    ]),
  );
  return [["wrong verdicts; seats that are", ...[0, ...SHARES].map(percent)], ...rows];
}

function pay(m: Measurements): Table {
  const rows = [false, true].flatMap((isCheat) =>
    strategiesOf(m, isCheat).map((strategy) => [
      `${isCheat ? "a fault" : "no fault"}: ${strategyNames[strategy]}`,
      ...SHARES.map((share) => {
        const cell = cellOf(m, strategy, share, isCheat);
        return `${fees(cell.otherPay)} (${fees(cell.honestPay)})`;
      }),
    ]),
  );
  return [["pay of such seats (of the honest)", ...SHARES.map(percent)], ...rows];
}

function corruption(m: Measurements): Table {
  const rows = SHARES.map((share) => {
    const of = (strategy: Strategy) =>
      m.bribes.find((cell) => cell.strategy === strategy && cell.share === share)!;
    const cell = of("bribed");
    const free = of("bribedNoEvidence");
    const perVerdict = ({ seatLoss, bondLoss, wrong }: Cell) =>
      wrong === 0 ? "–" : fees((seatLoss + bondLoss) / wrong);
    return [
      percent(share),
      (share / (1 - share)).toFixed(2),
      percent(cell.wrong),
      fees(cell.seatLoss),
      fees(cell.bondLoss),
      perVerdict(cell),
      fees(free.seatLoss),
      perVerdict(free),
    ];
  });
  return [
    [
      "seats bribed or bought",
      "stake ÷ honest stake",
      "cheats paid",
      "seats lose per case",
      "bonds lost per case",
      "lost per cheat paid",
      "seats that say “no evidence” lose",
      "lost per cheat paid",
    ],
    ...rows,
  ];
}

function sizes(m: Measurements): Table {
  const rows = [false, true].flatMap((isCheat) =>
    COURT_SIZES.map((seats) => [
      `${isCheat ? "cheat paid" : "honest slashed"}: ${seats} seats, ${juriesOf(seats)}`,
      ...m.sizes
        .filter((cell) => cell.seats === seats && cell.isCheat === isCheat)
        .map((cell) => percent(cell.wrong)),
    ]),
  );
  return [["wrong verdicts; bribed seats are", ...SHARES.map(percent)], ...rows];
}

/** The juries that so many seats are enough for, without a juror in common. */
function juriesOf(seats: number): string {
  const upTo = (round: number) => courtRules.sizes.slice(0, round + 1).reduce((sum, size) => sum + size, 0);
  const sizes = courtRules.sizes.filter((_, round) => upTo(round) <= seats);
  return sizes.length === 1 ? `a jury of ${sizes[0]}` : `juries of ${sizes.join(", ")}`;
}

function least(m: Measurements): Table {
  const lost = m.leastLots.map(({ winnersLoss }) => fees(winnersLoss));
  return [
    ["seats that say “no evidence”", ...SHARES.map(percent)],
    ["the challenger loses", ...lost],
  ];
}

function attacks(m: Measurements): Table {
  const rows = (["withholding", "bribedZone"] as const).flatMap((strategy) =>
    (["looser", "court"] as const).map((rule) => [
      `${strategyNames[strategy]}: ${rule === "court" ? "as it is" : "without the rule"}`,
      ...m.attacks
        .filter(({ looser }) => looser.strategy === strategy)
        .map((pair) => `${percent(pair[rule].wrong)}, ${fees(pair[rule].otherPay)}`),
    ]),
  );
  return [["wrong verdicts, and pay of those who attack", ...SHARES.map(percent)], ...rows];
}

function kinds(m: Measurements): Table {
  const rows = m.kinds.map(({ kind, seen, fault, inconclusive }) => [
    kind.name,
    [kind.least, kind.median, kind.most]
      .map((score) => (score < 10 ? score.toPrecision(2) : score.toFixed(0)))
      .join(" / "),
    percent(seen),
    percent(fault),
    percent(inconclusive),
  ]);
  return [
    [
      "the provider did",
      "R, least / median / most",
      "seen per item",
      "convicted of the worst of 21",
      "inconclusive",
    ],
    ...rows,
  ];
}

function floors(m: Measurements): Table {
  const rows = m.floors.map(({ floor, payOfRejected, payOfFault }) => [
    floor === null ? "none" : `${floor} (R = ${(2 ** (floor / 64)).toPrecision(2)})`,
    fees(payOfRejected),
    fees(payOfFault),
  ]);
  return [["votes are cut at", "pay where there is no fault", "pay where there is one"], ...rows];
}

function caught(m: Measurements): Table {
  const rows = FRACTIONS.map((fraction) => [
    percent(fraction),
    ...m.cheating.caught
      .filter((cell) => cell.fraction === fraction)
      .map(({ formula, simulated }) => `${percent(formula)} (${percent(simulated)})`),
  ]);
  return [["items cheated", ...SAMPLES.map((samples) => `*k* = ${samples}`)], ...rows];
}

function gain(m: Measurements): Table {
  const shown = [1, 8, 44];
  const rows = COLLATERALS.flatMap((collateral) =>
    shown.map((samples) => [
      `*C* = ${collateral} *V*, *k* = ${samples}`,
      ...FRACTIONS.map((fraction) => {
        const cell = m.cheating.caught.find((c) => c.fraction === fraction && c.samples === samples)!;
        return signedPercent(netGain(fraction, cell.formula, collateral));
      }),
    ]),
  );
  return [["items cheated", ...FRACTIONS.map(percent)], ...rows];
}

function audited(): Table {
  return [
    ["own collateral", ...COLLATERALS.map((collateral) => `${collateral} *V*`)],
    ["least share of lots audited", ...COLLATERALS.map((collateral) => percent(leastAudited(collateral)))],
  ];
}

const percent = (share: number): string => {
  const points = share * 100;
  return `${points !== 0 && points < 1 ? points.toFixed(1) : Math.round(points)} %`;
};

const signedPercent = (share: number): string => `${minus(Math.round(share * 100).toString())} %`;

const fees = (amount: number): string => minus(amount.toFixed(Math.abs(amount) >= 10 ? 0 : 2));

/** A true minus, and no negative zero. */
const minus = (text: string): string => (Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−"));
