import { describeProposal, wordDuration, wordParameter } from "@millrace/client";
import { developmentAccount, marketAbi, parametersAbi, stakedMillAbi } from "@millrace/protocol";
import { encodeFunctionData, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { deployments } from "../../../../ignition/deployments.ts";

const { marketParameters: market, courtParameters: court } = deployments.local;
const now = { market, court };
const [parameters, stakedMill, elsewhere] = [1, 2, 3].map((index) => developmentAccount(index).address);
const contracts = { parameters: parameters!, stakedMill: stakedMill! };

const append = (changes: { market?: object; court?: object }) =>
  encodeFunctionData({
    abi: parametersAbi,
    functionName: "append",
    args: [
      { ...market, ...changes.market },
      { ...court, ...changes.court },
    ],
  });

describe("describeProposal", () => {
  test("default: a line for each number that changes, and none for others", () => {
    const data = append({
      market: { feeBps: 125, windowSeconds: 129_600, minLotCollateral: 2_500_000n },
      court: { minSeats: 45 },
    });

    expect(describeProposal([data], now)).toEqual([
      "Fee: 1 % → 1.25 %",
      "Window: 30 seconds → 1 day 12 hours",
      "Least collateral: 0.01 USD → 2.5 USD",
      "Least seats: 5 → 45",
    ]);
    expect(describeProposal([append({})], now)).toEqual(["Appends a version with the same numbers."]);
  });

  test("args: symbol, decimals: amounts as the asset counts them", () => {
    const data = append({ market: { minLotCollateral: 2_500_000n } });

    expect(describeProposal([data], now, { symbol: "DAI", decimals: 18 })).toEqual([
      "Least collateral: 0.00000000000001 DAI → 0.0000000000025 DAI",
    ]);
  });

  test("behavior: a second version is told against the first", () => {
    const calls = [append({ market: { feeBps: 200 } }), append({ market: { feeBps: 300 } })];

    expect(describeProposal(calls, now)).toEqual(["Fee: 1 % → 2 %", "Fee: 2 % → 3 %"]);
  });

  test("behavior: guardian and pause", () => {
    const abi = parametersAbi;
    const calls = [
      encodeFunctionData({ abi, functionName: "setGuardian", args: [zeroAddress] }),
      encodeFunctionData({ abi, functionName: "unpause" }),
    ];

    expect(describeProposal(calls, { ...now, guardian: elsewhere! })).toEqual([
      `Guardian, who may pause openings: ${elsewhere} → nobody`,
      "Ends a pause: jobs and offers can be opened again.",
    ]);
  });

  test("args: targets: a call of another contract never reads like a change of numbers", () => {
    const data = append({ market: { feeBps: 200 } });

    expect(describeProposal([data], now, { targets: [elsewhere!], contracts })).toEqual([
      `Calls ${elsewhere} with ${data}.`,
    ]);
    expect(describeProposal([data], now, { targets: [stakedMill!], contracts })).toEqual([
      `Calls stakedMill (${stakedMill}) with ${data}.`,
    ]);
    expect(describeProposal([data], now, { targets: [parameters!], contracts })).toEqual(["Fee: 1 % → 2 %"]);
  });

  test("behavior: calls that it knows by name only, and what they send", () => {
    const data = encodeFunctionData({ abi: stakedMillAbi, functionName: "setLedger", args: [elsewhere!] });

    expect(
      describeProposal([data], now, { targets: [stakedMill!], contracts, values: [10n ** 17n] }),
    ).toEqual([
      `Calls setLedger(${elsewhere}) of stakedMill (${stakedMill}).`,
      "Sends 0.1 of the chain's coin along.",
    ]);
  });

  test("behavior: what it cannot read it shows", () => {
    const other = encodeFunctionData({ abi: marketAbi, functionName: "accountOf", args: [elsewhere!] });

    expect(describeProposal(["0x", "0x12345678", other], now)).toEqual([
      "Calls parameters with 0x.",
      "Calls parameters with 0x12345678.",
      `Calls parameters with ${other}.`,
    ]);
  });
});

test.each([
  [0, "0 seconds"],
  [1, "1 second"],
  [61, "1 minute 1 second"],
  [129_600, "1 day 12 hours"],
  [2_592_000, "30 days"],
])("wordDuration: %i is %s", (seconds, words) => {
  expect(wordDuration(seconds)).toBe(words);
});

test("wordParameter: each unit, and the asset's symbol", () => {
  expect(wordParameter("kappaBps", 10_000)).toBe("100 %");
  expect(wordParameter("jurorFee", 200_000n, { symbol: "USDC" })).toBe("0.2 USDC");
});
