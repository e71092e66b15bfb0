import {
  auditItemAt,
  auditLeafOf,
  auditSeedOf,
  commitmentOf,
  courtAbi,
  encodeSubmit,
  generateEncryptionKeys,
  hashReceiptLeaf,
  hashText,
  type Job,
  type Lot,
  lotIdOf,
  SparseTree,
  type Submission,
  seal,
  type Totals,
} from "@millrace/protocol";
import { concat, type Hex, keccak256, numberToHex, parseEventLogs, size, zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Sent } from "./gasChain.ts";
import { buyer, keeper, offerOf, provider, type Scenario } from "./scenario.ts";

/** As many seats as public networks ask for. */
const SEATS = 45;
const SEAT_STAKE = 1_000_000n;
const ITEMS = 50_000;
/** An item outside of the audit set. Its leaf and the one before share no part of their paths. */
const INDEX = 2 ** 15;
/** In the audit set. */
const POSITION = 100;
const OUTSIDE_AUDIT_SET = 2 ** 32 - 1;
const TOKENS = { prompt: 300, output: 100 };

const challengerSecret = hashText("challenger's secret");
const providerSecret = hashText("provider's secret");
const auditSecret = hashText("audit secret");
const auditTree = new SparseTree(ITEMS, auditLeafOf(auditSecret, 0), new Map());
const receipts = { before: hashText("receipt before"), own: hashText("receipt") };
const receiptTree = new SparseTree(
  ITEMS,
  hashText("other leaves"),
  new Map([
    [INDEX - 1, hashReceiptLeaf(receipts.before, totalsUpTo(INDEX))],
    [INDEX, hashReceiptLeaf(receipts.own, totalsUpTo(INDEX + 1))],
  ]),
);
const submission: Submission = {
  root: receiptTree.root,
  resultsHash: hashText("results"),
  resultsKeyHash: hashText("results key"),
  totals: totalsUpTo(ITEMS),
};

const votes = { fault: 60, rejected: -80 } as const;
const jurors = Array.from({ length: SEATS }, (_, i) => privateKeyToAccount(hashText(`juror ${i}`)));

/** What a case is about: an item of the audit set that a jury finds wrong or right, another item, or a delivery. */
export type CaseName = "fault" | "rejected" | "item" | "delivery";

/** Gas of a whole case by step, of all transactions of a step together. */
export interface CaseGas {
  steps: Record<string, number>;
  total: number;
}

/**
 * Gas of cases of a lot of 50,000 items, each before one jury of five of 45 seats, who all vote the same. No seat is
 * drawn a second time, which would cost another try, as in four draws of five.
 */
export async function measureCourt(scenario: Scenario) {
  const { chain } = scenario;
  await chain.send(provider, "market", "postOffer", [offerOf(provider, ITEMS)]);
  await chain.send(buyer, "asset", "approve", [chain.network.market, BigInt(SEATS) * SEAT_STAKE]);
  let takeSeat = 0;
  for (const juror of jurors) {
    await chain.fund(juror);
    await chain.send(buyer, "market", "deposit", [juror.address, SEAT_STAKE]);
    const terms = [juror.address, juror.address, hashText("model"), hashText("seat's key")] as const;
    takeSeat = (await chain.send(juror, "court", "takeSeat", terms)).gas;
  }
  chain.pass(60);

  const { gas: fault } = await measureCase(scenario, "fault");
  const { gas: rejected } = await measureCase(scenario, "rejected");
  const { gas: item } = await measureCase(scenario, "item");
  const { gas: delivery, seatIds } = await measureCase(scenario, "delivery");
  const cases: Record<CaseName, CaseGas> = { fault, rejected, item, delivery };
  // Who earned something, and whose place the last seat takes.
  const leaving = seatIds.find((seatId) => seatId !== SEATS)!;
  const leaver = jurors[leaving - 1]!;
  const collect = await chain.send(leaver, "court", "collect", [leaving]);
  const leaveSeat = await chain.send(leaver, "court", "leaveSeat", [leaving]);
  const step = ({ steps }: CaseGas, name: string) => steps[name]!;
  return {
    cases,
    functions: {
      takeSeat,
      collectEarnings: collect.gas,
      leaveSeat: leaveSeat.gas,
      challengeAnItemOfTheAuditSet: step(fault, "challenge"),
      challengeAnotherItem: step(item, "challenge"),
      answerAChallenge: step(fault, "answer"),
      openEvidence: step(fault, "openEvidence"),
      drawFiveJurors: step(fault, "draw"),
      shareKeysWithFiveJurors: step(fault, "shareKeys"),
      fiveCommitVotes: step(fault, "commitVote"),
      fiveRevealVotes: step(fault, "revealVote"),
      decide: step(fault, "decide"),
      concludeAFault: step(fault, "conclude"),
      concludeARejection: step(rejected, "conclude"),
      concludeAnItem: step(item, "conclude"),
      demandDelivery: step(delivery, "demandDelivery"),
      answerDelivery: step(delivery, "answerDelivery"),
      objectDelivery: step(delivery, "objectDelivery"),
    },
  };
}

/** Returns also who was drawn. */
async function measureCase(
  scenario: Scenario,
  name: CaseName,
): Promise<{ gas: CaseGas; seatIds: readonly number[] }> {
  const { chain } = scenario;
  const { job, lot } = await submitLot(scenario);
  const lotId = lotIdOf(lot);
  const steps: Record<string, number> = {};
  const add = (step: string, sent: Sent): Sent => {
    steps[step] = (steps[step] ?? 0) + sent.gas;
    return sent;
  };

  const committed = keccak256(challengerSecret);
  const wrappedKey = await wrappedKeyOf();
  if (name === "delivery") {
    add("demandDelivery", await chain.send(buyer, "court", "demandDelivery", [job, lot]));
    add("answerDelivery", await chain.send(provider, "court", "answerDelivery", [lot, wrappedKey]));
    add("objectDelivery", await chain.send(buyer, "court", "objectDelivery", [job, lot, committed]));
  } else {
    const { index, proof } = name === "item" ? otherItem() : itemOfAuditSet(lot);
    const what = [job, lot, submission, BigInt(index), proof, committed] as const;
    add("challenge", await chain.send(buyer, "court", "challenge", what));
  }
  add("answer", await chain.send(provider, "court", "answer", [lot, providerSecret]));
  const evidence = [lotId, challengerSecret, providerSecret, hashText("evidence")] as const;
  add("openEvidence", await chain.send(buyer, "court", "openEvidence", evidence));

  // The first jury of the first case of this lot.
  const juryId = hashWords([hashWords([lotId, 1]), 0]);
  await chain.mineUntil((entropy) => {
    const seed = hashWords([hashWords([hashWords([challengerSecret, providerSecret]), entropy]), juryId]);
    const positions = Array.from({ length: 5 }, (_, i) => BigInt(hashWords([seed, i])) % BigInt(SEATS));
    return new Set(positions).size === positions.length;
  });
  const drawn = add("draw", await chain.send(keeper, "court", "draw", [job, lot]));
  const [jury] = parseEventLogs({ abi: courtAbi, logs: drawn.logs, eventName: "JuryDrawn" });
  const { seatIds } = jury!.args;

  const keys = seatIds.map(() => wrappedKey);
  const sharer = name === "delivery" ? provider : buyer;
  add("shareKeys", await chain.send(sharer, "court", "shareKeys", [lot, keys]));
  const vote = name === "rejected" ? votes.rejected : votes.fault;
  const ballots = seatIds.map((seatId, place) => ({
    voter: jurors[seatId - 1]!,
    place: BigInt(place),
    ...ballotOf(juryId, seatId, vote),
  }));
  for (const { voter, place, commitment } of ballots) {
    add("commitVote", await chain.send(voter, "court", "commitVote", [lotId, place, commitment]));
  }
  for (const { voter, place, salt } of ballots) {
    add("revealVote", await chain.send(voter, "court", "revealVote", [lotId, place, vote, salt]));
  }
  add("decide", await chain.send(keeper, "court", "decide", [lotId]));
  // Nobody appeals.
  chain.pass(60);
  const concluded =
    name === "item"
      ? await chain.send(keeper, "court", "concludeItem", [lot, submission, ...placedLeaves()])
      : await chain.send(keeper, "court", "conclude", [lot]);
  add("conclude", concluded);
  const total = Object.values(steps).reduce((sum, gas) => sum + gas, 0);
  return { gas: { steps, total }, seatIds };
}

async function submitLot({ chain, open }: Scenario): Promise<{ job: Job; lot: Lot }> {
  const fill = { offer: offerOf(provider, ITEMS), signature: "0x", lotItems: [ITEMS] } as const;
  const { job, lots } = await open([fill], 0, { auditRoot: auditTree.root });
  const lot = lots[0]!;
  await chain.sendData(provider, "market", encodeSubmit([{ lot, submission }]));
  return { job, lot };
}

function itemOfAuditSet(lot: Lot) {
  const seed = auditSeedOf(auditSecret, commitmentOf(lotIdOf(lot), submission));
  const proof = { secret: auditSecret, path: auditTree.path(lot.firstItem), position: POSITION };
  return { index: auditItemAt(seed, ITEMS, POSITION), proof };
}

function otherItem() {
  return { index: INDEX, proof: { secret: zeroHash, path: [], position: OUTSIDE_AUDIT_SET } };
}

function placedLeaves() {
  return [
    { receiptHash: receipts.before, totals: totalsUpTo(INDEX), path: receiptTree.path(INDEX - 1) },
    { receiptHash: receipts.own, totals: totalsUpTo(INDEX + 1), path: receiptTree.path(INDEX) },
  ] as const;
}

/** As long as a key sealed to a juror, and without the zero bytes, which are cheaper, that one has here or there. */
async function wrappedKeyOf(): Promise<Hex> {
  const { publicKey } = await generateEncryptionKeys();
  const sealed = await seal(publicKey, new Uint8Array(32));
  return `0x${"ff".repeat(sealed.length)}`;
}

/** Neither salt nor commitment has a zero byte, for who is drawn is another in each run. */
function ballotOf(juryId: Hex, seatId: number, vote: number): { salt: Hex; commitment: Hex } {
  for (let i = 0; ; i++) {
    const salt = hashText(`salt ${i}`);
    const commitment = hashWords([juryId, seatId, numberToHex(vote, { signed: true, size: 32 }), salt]);
    if (!hasZeroByte(salt) && !hasZeroByte(commitment)) return { salt, commitment };
  }
}

/** The keccak256 of words side by side, as Solidity hashes them. */
function hashWords(words: readonly (Hex | number)[]): Hex {
  return keccak256(
    concat(words.map((word) => (typeof word === "number" ? numberToHex(word, { size: 32 }) : word))),
  );
}

function hasZeroByte(hex: Hex): boolean {
  return Array.from({ length: size(hex) }, (_, i) => hex.slice(2 + 2 * i, 4 + 2 * i)).includes("00");
}

function totalsUpTo(items: number): Totals {
  return {
    promptTokens: BigInt(items * TOKENS.prompt),
    outputTokens: BigInt(items * TOKENS.output),
    errors: 0,
  };
}
