import { type Cheating, measureCheating } from "./cheating.ts";
import { challengeWorst, cheatedItem, type Strategy, USUAL_FAULT, vote } from "./jurors.ts";
import { payOut, type Side } from "./payout.ts";
import { createRandom, type Random } from "./random.ts";
import { courtRules, MIN_SEATS, type Rules, STAKE_FEES, type Vote } from "./rules.ts";
import { cheatItem, cheats, honestItem, type Item, type Kind, quantise, VOTE_FLOOR } from "./scores.ts";
import { drawerOf, runTrial } from "./trial.ts";
import { decide } from "./votes.ts";

const SEED = 20_261;
const CASES = 250;
/** Enough for three juries, each drawn twice. */
const SEATS = 100;
/** Items of the audit set. A challenger who is wrong takes the worst of all; a client re-scores a part. */
const AUDIT_SET = 128;
const RESCORED = 21;
const JUROR_FEE = 1_000_000n;
/** Of the lot, in juror fees: the largest at once its value and its escrow that as few seats as may protect one do. */
const COLLATERAL_FEES = (MIN_SEATS * STAKE_FEES) / 2;
/** The least a lot may have. */
const LEAST_COLLATERAL_FEES = 10;

export const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as const;
/** Enough for the first jury alone, for two, and for three: just so, as the deployments ask for, and with redraws. */
export const COURT_SIZES = [15, 38, 39, 45, 100] as const;

/** Without the two rules that stop an attack each. */
export const looserRules: Rules = { ...courtRules, noEvidence: "leftOut", far: Number.POSITIVE_INFINITY };

/** What many cases of one sort come to. Pay is per juror drawn, losses per case; all in juror fees. */
export interface Cell {
  strategy: Strategy;
  /** Of the seats that follow the strategy; the others are honest. */
  share: number;
  /** Whether the provider cheated, so that the verdict should be a fault. */
  isCheat: boolean;
  cases: number;
  /** Share of the cases in which an honest provider was slashed, or a cheat paid. */
  wrong: number;
  honestPay: number;
  otherPay: number;
  /** What all seats of the strategy lose, less what they earn. */
  seatLoss: number;
  /** What the side that is wrong loses of its bonds. */
  bondLoss: number;
  /** What the side that is right loses of its bonds where it wins. */
  winnersLoss: number;
}

/** One measured cheat before a client and a court of honest jurors. */
export interface KindResult {
  kind: Kind;
  /** Share of the items on which a client sees R above the zone. */
  seen: number;
  /** Verdicts of the cases that follow, of the worst of the items that the client re-scores. */
  fault: number;
  inconclusive: number;
}

/** What honest jurors are paid where votes are cut at a floor. */
export interface FloorResult {
  floor: Vote | null;
  payOfRejected: number;
  payOfFault: number;
}

export interface Measurements {
  cases: number;
  /** Strategies by share and by what is true. */
  cells: Cell[];
  /** All jurors honest. */
  honest: Cell[];
  /** Bribed jurors of a cheat, over more cases. */
  bribes: Cell[];
  /** Bribed jurors in courts of other sizes. */
  sizes: (Cell & { seats: number })[];
  /** Two attacks, under {@link looserRules} and under the court's. */
  attacks: { looser: Cell; court: Cell }[];
  /** A challenger who is right, in a lot of the least collateral. */
  leastLots: Cell[];
  kinds: KindResult[];
  floors: FloorResult[];
  cheating: Cheating;
}

interface Sort {
  strategy: Strategy;
  share: number;
  isCheat: boolean;
  cases?: number;
  seats?: number;
  collateralFees?: number;
  rules?: Rules;
  floor?: Vote | null;
}

const both = [false, true] as const;

/** What dishonest jurors do, and where: with a fault, without, or both. */
const dishonest: readonly [Strategy, readonly boolean[]][] = [
  ["lazyFault", both],
  ["lazyClean", both],
  ["copying", both],
  ["bribed", both],
  ["bribedZone", [true]],
  ["bribedNoEvidence", [true]],
  ["withholding", [false]],
  ["absent", both],
];

/** Runs everything that docs/economics.md tells of the court. The same each time. */
export function measure(): Measurements {
  const random = createRandom(SEED);
  let cases = 0;
  const run = (sort: Sort): Cell => {
    const cell = runCell(sort, random);
    cases += cell.cases;
    return cell;
  };

  const honest = both.map((isCheat) => run({ strategy: "honest", share: 0, isCheat, cases: 4 * CASES }));
  const cells = dishonest.flatMap(([strategy, truths]) =>
    truths.flatMap((isCheat) => SHARES.map((share) => run({ strategy, share, isCheat }))),
  );
  const bribes = (["bribed", "bribedNoEvidence"] as const).flatMap((strategy) =>
    SHARES.map((share) => run({ strategy, share, isCheat: true, cases: 8 * CASES })),
  );
  const sizes = COURT_SIZES.flatMap((seats) =>
    both.flatMap((isCheat) =>
      SHARES.map((share) => ({ ...run({ strategy: "bribed", share, isCheat, seats }), seats })),
    ),
  );
  const attacks = (["withholding", "bribedZone"] as const).flatMap((strategy) =>
    SHARES.map((share) => {
      const sort = { strategy, share, isCheat: strategy === "bribedZone" };
      return {
        looser: run({ ...sort, rules: looserRules }),
        court: run(sort),
      };
    }),
  );
  const leastLots = SHARES.map((share) =>
    run({ strategy: "bribedNoEvidence", share, isCheat: true, collateralFees: LEAST_COLLATERAL_FEES }),
  );
  const floors = [null, -192, -128, VOTE_FLOOR].map((floor): FloorResult => {
    const [rejected, fault] = both.map((isCheat) => run({ strategy: "honest", share: 0, isCheat, floor }));
    return { floor, payOfRejected: rejected!.honestPay, payOfFault: fault!.honestPay };
  });
  const kinds = cheats.map((kind) => runKind(kind, random));
  const cheating = measureCheating(random);
  cases += kinds.length * CASES + cheating.cases;
  return { cases, cells, honest, bribes, sizes, attacks, leastLots, kinds, floors, cheating };
}

function runCell(sort: Sort, random: Random): Cell {
  const { strategy, share, isCheat, cases = CASES, seats: count = SEATS, rules = courtRules } = sort;
  const seats = seatsOf(strategy, share, count);
  const collateral = JUROR_FEE * BigInt(sort.collateralFees ?? COLLATERAL_FEES);
  const pay = { honest: 0n, other: 0n };
  const drawn = { honest: 0, other: 0 };
  let wrong = 0;
  let bondLoss = 0n;
  let winnersLoss = 0n;
  for (let i = 0; i < cases; i++) {
    const items = lotOf(isCheat ? RESCORED : AUDIT_SET, () =>
      isCheat ? cheatedItem(random) : honestItem(random),
    );
    const challenge = challengeWorst(items, random);
    const claim = isCheat ? quantise(challenge.score) : USUAL_FAULT;
    const dispute = { items: challenge.items, isCheat, claim };
    const { floor = VOTE_FLOOR } = sort;
    const ballotsOf = (drawn: readonly number[]) =>
      vote(
        drawn.map((seat) => seats[seat]!),
        dispute,
        rules,
        random,
        floor,
      );
    const draw = drawerOf(count, random);
    const appeals = () => true;
    const trial = { kind: "audit", draw, ballotsOf, appeals, jurorFee: JUROR_FEE, collateral } as const;
    const record = runTrial(trial, rules);
    const payout = payOut(record, rules);
    for (const [seat, change] of payout.seats) {
      const type = seats[seat] === "honest" ? "honest" : "other";
      pay[type] += change;
      drawn[type] += 1;
    }
    const rightSide: Side = isCheat ? "challenger" : "provider";
    const wrongSide: Side = isCheat ? "provider" : "challenger";
    const lossOf = (side: Side) =>
      record.bonds.reduce((sum, { by, amount }) => sum + (by === side ? amount : 0n), 0n) - payout[side];
    bondLoss += lossOf(wrongSide);
    if ((record.final.verdict === "fault") !== isCheat) wrong += 1;
    // A provider that wins is paid what others lose.
    else if (lossOf(rightSide) > 0n) winnersLoss += lossOf(rightSide);
  }
  return {
    strategy,
    share,
    isCheat,
    cases,
    wrong: wrong / cases,
    honestPay: inFees(pay.honest) / Math.max(1, drawn.honest),
    otherPay: inFees(pay.other) / Math.max(1, drawn.other),
    seatLoss: -inFees(pay.other) / cases,
    bondLoss: inFees(bondLoss) / cases,
    winnersLoss: inFees(winnersLoss) / Math.max(1, cases - wrong),
  };
}

function runKind(kind: Kind, random: Random): KindResult {
  const seats = seatsOf("honest", 0, SEATS);
  let seen = 0;
  const verdicts = { fault: 0, inconclusive: 0, rejected: 0, none: 0 };
  for (let i = 0; i < CASES; i++) {
    const items = lotOf(RESCORED, () => cheatItem(kind, random));
    if (challengeWorst(items.slice(0, 1), random).score >= 2 ** (courtRules.zoneHigh / 64)) seen += 1;
    const challenge = challengeWorst(items, random);
    const dispute = { items: challenge.items, isCheat: true, claim: quantise(challenge.score) };
    const jury = seats.slice(0, courtRules.sizes[0]);
    verdicts[decide(vote(jury, dispute, courtRules, random), false, courtRules).verdict] += 1;
  }
  return {
    kind,
    seen: seen / CASES,
    fault: verdicts.fault / CASES,
    inconclusive: verdicts.inconclusive / CASES,
  };
}

export const seatsOf = (strategy: Strategy, share: number, count: number): Strategy[] =>
  Array.from({ length: count }, (_, i) => (i < Math.round(share * count) ? strategy : "honest"));

const lotOf = (count: number, item: () => Item): Item[] => Array.from({ length: count }, item);

const inFees = (amount: bigint): number => Number(amount) / Number(JUROR_FEE);
