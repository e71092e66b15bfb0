import { courtAbi, NO_EVIDENCE } from "@millrace/protocol";
import { eventOf } from "../marketDriver.ts";
import { publishModel, settle } from "../trading.ts";
import { Trial, unanimous } from "../trial.ts";
import { faultyLot } from "./proofs.ts";
import type { Scene } from "./scene.ts";

/** Votes in 1/64 octaves that are clearly on one side, and one between the lines. */
const WRONG = 100;
const RIGHT = -100;
const DOUBTFUL = 0;
const DAY_SECONDS = 86_400;

const auditFault: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("audit");
  await trial.present();
  await trial.sit([WRONG, WRONG + 5, WRONG - 10, RIGHT, WRONG]);
  await trial.lapse();
  await trial.conclude();
};

/** Found right, and challenged once more: then the court hears no third. */
const rejectedTwice: Scene = async (market) => {
  const trial = await Trial.begin(market, { seats: 16 });
  for (const kind of ["audit", "item"] as const) {
    await trial.challenge(kind, 2);
    await trial.present();
    await trial.sit([RIGHT, RIGHT, NO_EVIDENCE, WRONG, RIGHT]);
    await trial.lapse();
    await trial.conclude();
  }
  await market.lapse(1_000);
  await settle(market, [trial.computed]);
};

const itemVoided: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("item", market.random.below(4));
  await trial.present();
  await trial.sit(unanimous(WRONG));
  await trial.lapse();
  await trial.concludeItem();
};

const inconclusive: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("audit", 3);
  await trial.present();
  await trial.sit([DOUBTFUL, WRONG, RIGHT, DOUBTFUL, DOUBTFUL]);
  await trial.lapse();
  await trial.conclude();
};

/** Each appeal turns the verdict over. */
const appealedTwice: Scene = async (market) => {
  const trial = await Trial.begin(market, { seats: 60 });
  await trial.challenge("audit");
  await trial.present();
  await trial.sit(unanimous(WRONG));
  await trial.appeal("provider");
  await trial.sit([...unanimous(RIGHT, 1).slice(1), NO_EVIDENCE]);
  await trial.appeal("challenger");
  await trial.sit([...unanimous(WRONG, 2).slice(2), null, RIGHT]);
  await trial.conclude();
};

/** Three juries stay away: the case ends without a verdict. */
const juriesFail: Scene = async (market) => {
  const trial = await Trial.begin(market, { seats: 24 });
  await trial.challenge("item");
  await trial.present();
  await trial.sit([WRONG, RIGHT, null, null, null]);
  await trial.sit(unanimous(null));
  await trial.sit([null, null, RIGHT, null, null]);
  await trial.conclude();
};

/** The first verdict stands, as nobody comes to the appeal. */
const appealFails: Scene = async (market) => {
  const trial = await Trial.begin(market, { seats: 60 });
  await trial.challenge("audit");
  await trial.present();
  await trial.sit(unanimous(WRONG));
  await trial.appeal("provider");
  await trial.draw();
  await trial.lapse();
  await trial.conclude();
};

const noEvidence: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("audit");
  if (market.random.happens(0.5)) await trial.answer();
  await trial.lapse();
  await trial.lapse();
  await trial.conclude();
};

const noKeys: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("audit");
  await trial.present();
  await trial.draw();
  await trial.lapse();
  await trial.conclude();
};

const neverDrawn: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("item");
  await trial.present();
  await trial.lapse();
  await trial.conclude();
};

/** Hashes prove a fault while jurors vote. */
const preempted: Scene = async (market) => {
  let prove = async () => {};
  const trial = await Trial.begin(market, {
    commit: async (computed) => {
      const { call } = await faultyLot(market, computed);
      if (call === undefined) throw new Error("A fault that cannot be proven");
      const { address } = market.somebody();
      prove = async () => {
        await market.send(address, "faults", call.functionName, call.args);
      };
    },
  });
  await trial.demandDelivery();
  await trial.answerDelivery();
  await trial.objectDelivery();
  await trial.present();
  await trial.draw();
  await trial.shareKeys(5);
  await prove();
};

const deliveryFailed: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.demandDelivery();
  await trial.answerDelivery();
  await trial.objectDelivery();
  await trial.present();
  await trial.sit(unanimous(NO_EVIDENCE));
  await trial.lapse();
  await trial.conclude();
};

const deliveryUnanswered: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.demandDelivery();
  await trial.lapse();
  await trial.conclude();
};

const deliveryAnswered: Scene = async (market) => {
  const trial = await Trial.begin(market);
  for (let i = 0; i < 2; i++) {
    await trial.demandDelivery();
    await trial.answerDelivery();
    await trial.lapse();
    await trial.conclude();
  }
};

/** Nobody ends the case while the court may hold the lot: it is settled, and the case ends without a verdict. */
const overtaken: Scene = async (market) => {
  const trial = await Trial.begin(market);
  await trial.challenge("audit");
  await trial.present();
  await trial.sit(unanimous(WRONG));
  await market.lapse(91 * DAY_SECONDS);
  await settle(market, [trial.computed]);
  await trial.conclude();
};

const seats: Scene = async (market) => {
  const { modelId } = await publishModel(market);
  const { address } = await market.trader();
  const taken = [];
  for (let i = 0; i < 4; i++) {
    const logs = await market.send(address, "court", "takeSeat", [address, address, modelId, market.word()]);
    taken.push(eventOf(logs, courtAbi, "SeatTaken").seatId);
  }
  await market.lapse(100);
  // Not the last: another takes its place in the list.
  await market.send(address, "court", "leaveSeat", [taken[1]!]);
  await market.send(market.somebody().address, "court", "collect", [taken[0]!]);
};

/** Cases of the court, to each verdict and each way to end, and its seats. */
export const court: Readonly<Record<string, Scene>> = {
  auditFault,
  rejectedTwice,
  itemVoided,
  inconclusive,
  appealedTwice,
  juriesFail,
  appealFails,
  noEvidence,
  noKeys,
  neverDrawn,
  preempted,
  deliveryFailed,
  deliveryUnanswered,
  deliveryAnswered,
  overtaken,
  seats,
};
