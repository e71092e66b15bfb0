import { caughtByFormula, netGain } from "../../test/simulation/cheating.ts";
import type { Strategy } from "../../test/simulation/jurors.ts";
import { type Measurements, SHARES } from "../../test/simulation/measure.ts";
import { courtRules } from "../../test/simulation/rules.ts";
import { type Plot, type Series, svgOf } from "./svg.ts";
import { cellOf, strategiesOf, strategyNames } from "./tables.ts";

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const shareAxis = { from: 0, to: 0.6, step: 0.1, format: percent };
const unitAxis = { from: 0, to: 1, step: 0.2, format: percent };

/** Every plot of docs/economics.md as SVG, by its file name in docs/. */
export function courtPlots(m: Measurements): Record<string, string> {
  const wrong = (strategy: Strategy, isCheat: boolean): Series => ({
    name: strategyNames[strategy],
    points: [0, ...SHARES].map((share) => [share, cellOf(m, strategy, share, isCheat).wrong] as const),
  });
  const errors = (title: string, isCheat: boolean): Plot => ({
    title,
    xLabel: "seats that are not honest",
    yLabel: "of all cases",
    x: shareAxis,
    y: unitAxis,
    series: strategiesOf(m, isCheat).map((strategy) => wrong(strategy, isCheat)),
  });

  const paid = ["bribed", "lazyFault", "lazyClean", "copying", "absent"] as const;
  const mean = (strategy: Strategy, share: number): number =>
    (cellOf(m, strategy, share, false).otherPay + cellOf(m, strategy, share, true).otherPay) / 2;
  const pay: Plot = {
    title: "Pay per juror drawn, half of the challenges being right",
    xLabel: "seats that are not honest",
    yLabel: "juror fees",
    x: { ...shareAxis, from: 0.1 },
    y: { from: -courtRules.penaltyFees, to: 20, step: 20, format: (value) => `${value}`.replace("-", "−") },
    series: [
      {
        name: "honest, all others honest",
        points: SHARES.map(
          (share) => [share, (m.honest[0]!.honestPay + m.honest[1]!.honestPay) / 2] as const,
        ),
      },
      ...paid.map((strategy) => ({
        name: strategyNames[strategy],
        points: SHARES.map((share) => [share, mean(strategy, share)] as const),
      })),
    ],
  };

  const fractions = Array.from({ length: 51 }, (_, i) => i / 50);
  const levels = [
    [0, 1],
    [1, 0.25],
    [1, 1],
    [8, 1],
    [8, 9],
    [44, 1],
  ] as const;
  const gain: Plot = {
    title: "What a cheat gains on average, of the lot’s value",
    xLabel: "items cheated",
    yLabel: "gain",
    x: unitAxis,
    y: { from: -2, to: 1, step: 0.5, format: (value) => percent(value).replace("-", "−") },
    series: levels.map(([samples, collateral]) => ({
      name: samples === 0 ? "no item re-scored" : `k = ${samples}, C = ${collateral} V`,
      points: fractions.map((f) => [f, netGain(f, caughtByFormula(f, samples), collateral)] as const),
    })),
  };

  return {
    "court-honest-slashed.svg": svgOf(errors("Honest providers slashed", false)),
    "court-cheats-paid.svg": svgOf(errors("Cheats paid", true)),
    "court-juror-pay.svg": svgOf(pay),
    "cheating-gain.svg": svgOf(gain),
  };
}
