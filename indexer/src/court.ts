import type { Context } from "ponder:registry";
import { courtCase, jurorVote, jury, lot } from "ponder:schema";
import { caseKinds, verdicts } from "@millrace/protocol";
import { caseIdOf, faultIdOf } from "./lib/cases.ts";
import { addToProvider, addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";

type Hex = `0x${string}`;
type CaseRow = typeof courtCase.$inferSelect;

on("Court:DeliveryDemanded", async ({ event, context }) => {
  const { lotId, deadline } = event.args;
  const { buyer } = (await context.db.find(lot, { lotId }))!;
  await openCase(context, event, lotId, {
    kind: "delivery",
    challenger: buyer,
    phase: "demanded",
    deadline: Number(deadline),
    bond: 0n,
  });
});

on("Court:DeliveryAnswered", ({ event, context }) =>
  moveCase(context, event.args.lotId, { phase: "answered", deadline: Number(event.args.deadline) }),
);

on("Court:DeliveryConcluded", async ({ event, context }) => {
  const { lotId, isFailed } = event.args;
  const { phase } = await caseOf(context, lotId);
  // Answered without objection; or overtaken by what ended the lot, as a proof that came just before.
  const wasOvertaken = await context.db.find(courtCase, { caseId: faultIdOf(lotId) });
  const verdict = phase === "answered" && !wasOvertaken ? "rejected" : "none";
  await moveCase(context, lotId, { ...over(event), verdict: isFailed ? "fault" : verdict });
  await addToTotals(context, { openCases: -1 });
});

on("Court:CaseOpened", async ({ event, context }) => {
  const { lotId, challenger, bond } = event.args;
  const kind = caseKinds[event.args.kind]!;
  const opening = {
    challenger,
    phase: "answer",
    deadline: Number(event.args.deadline),
    index: kind === "delivery" ? null : Number(event.args.index),
    bond,
  };
  // An objection to a delivery goes on with what was demanded.
  if (kind === "delivery") await moveCase(context, lotId, opening);
  else await openCase(context, event, lotId, { kind, ...opening });
  const { provider } = (await context.db.find(lot, { lotId }))!;
  await addToProvider(context, provider, event, { itemsDisputed: 1 });
});

on("Court:CaseAnswered", ({ event, context }) =>
  moveCase(context, event.args.lotId, { phase: "evidence", deadline: Number(event.args.deadline) }),
);

on("Court:EvidenceOpened", ({ event, context }) =>
  moveCase(context, event.args.lotId, { evidenceHash: event.args.evidenceHash }),
);

on("Court:JuryArmed", ({ event, context }) => {
  const { lotId, round, redraws, deadline } = event.args;
  return moveCase(context, lotId, {
    phase: "drawing",
    round: Number(round),
    redraws: Number(redraws),
    deadline: Number(deadline),
  });
});

on("Court:JuryDrawn", async ({ event, context }) => {
  const { lotId, round, redraws, seatIds, deadline } = event.args;
  const { caseId } = await moveCase(context, lotId, { phase: "keys", deadline: Number(deadline) });
  await context.db.insert(jury).values({
    caseId,
    round: Number(round),
    redraws: Number(redraws),
    seatIds: [...seatIds],
    isFailed: false,
    drawnAt: placeOf(event),
  });
});

on("Court:KeysShared", ({ event, context }) =>
  moveCase(context, event.args.lotId, { phase: "commit", deadline: Number(event.args.deadline) }),
);

on("Court:VoteCommitted", async ({ event, context }) => {
  const { lotId, seatId, place, commitment } = event.args;
  const { caseId, round, redraws } = await caseOf(context, lotId);
  await context.db
    .insert(jurorVote)
    .values({ caseId, round, redraws, place: Number(place), seatId, commitment });
});

on("Court:RevealOpened", ({ event, context }) =>
  moveCase(context, event.args.lotId, { phase: "reveal", deadline: Number(event.args.deadline) }),
);

on("Court:VoteRevealed", async ({ event, context }) => {
  const { lotId, place, vote } = event.args;
  const { caseId, round, redraws } = await caseOf(context, lotId);
  await context.db.update(jurorVote, { caseId, round, redraws, place: Number(place) }).set({ vote });
});

on("Court:JuryFailed", async ({ event, context }) => {
  // Another is armed by an event of its own, unless this was the last.
  const { caseId, round, redraws } = await moveCase(context, event.args.lotId, {
    phase: "failed",
    deadline: null,
  });
  await context.db.update(jury, { caseId, round, redraws }).set({ isFailed: true });
});

on("Court:CaseDecided", async ({ event, context }) => {
  const { lotId, median, deadline } = event.args;
  const verdict = verdicts[event.args.verdict]!;
  const { caseId, round, redraws } = await moveCase(context, lotId, {
    phase: "decided",
    deadline: Number(deadline),
    verdict,
  });
  await context.db.update(jury, { caseId, round, redraws }).set({ median, verdict });
});

on("Court:CaseAppealed", async ({ event, context }) => {
  const { lotId, round, bond, appellant } = event.args;
  const { challenger, bond: bonded } = await caseOf(context, lotId);
  await moveCase(context, lotId, {
    round: Number(round),
    ...(appellant === challenger && { bond: bonded + bond }),
  });
});

on("Court:CaseConcluded", async ({ event, context }) => {
  const { lotId, verdict: number, ...amounts } = event.args;
  const verdict = verdicts[number]!;
  const { provider } = await moveCase(context, lotId, {
    ...over(event),
    verdict,
    ending: {
      fees: String(amounts.fees),
      penalties: String(amounts.penalties),
      cost: String(amounts.cost),
      toChallenger: String(amounts.toChallenger),
      toProvider: String(amounts.toProvider),
      toVault: String(amounts.toVault),
    },
  });
  if (verdict === "fault") await addToProvider(context, provider, event, { faultsJudged: 1 });
  else if (verdict !== "none") await addToProvider(context, provider, event, { itemsCleared: 1 });
  await addToTotals(context, { openCases: -1 });
});

type Logged = Parameters<typeof placeOf>[0] & Parameters<typeof sequenceOf>[0];

const over = (event: Logged) =>
  ({ phase: "concluded", deadline: null, isOver: true, endedAt: placeOf(event) }) satisfies Partial<CaseRow>;

async function openCase(
  context: Context,
  event: Logged,
  lotId: Hex,
  opening: Pick<CaseRow, "kind" | "challenger" | "phase" | "deadline" | "bond"> & Partial<CaseRow>,
): Promise<void> {
  const of = (await context.db.find(lot, { lotId }))!;
  const number = of.courtCases + 1;
  await context.db.update(lot, { lotId }).set({ courtCases: number, cases: of.cases + 1 });
  await context.db.insert(courtCase).values({
    ...opening,
    caseId: caseIdOf(lotId, number),
    lotId,
    jobId: of.jobId,
    modelId: of.modelId,
    buyer: of.buyer,
    provider: of.provider,
    isOver: false,
    round: 0,
    redraws: 0,
    sequence: sequenceOf(event),
    openedAt: placeOf(event),
  });
  await addToTotals(context, { openCases: 1, cases: 1 });
}

/** The latest of a lot: the court has one at a time. */
async function caseOf({ db }: Context, lotId: Hex): Promise<CaseRow> {
  const { courtCases } = (await db.find(lot, { lotId }))!;
  return (await db.find(courtCase, { caseId: caseIdOf(lotId, courtCases) }))!;
}

/** Changes the latest case of a lot, and returns it as it was. */
async function moveCase(context: Context, lotId: Hex, change: Partial<CaseRow>): Promise<CaseRow> {
  // A copy: the store changes the row that it handed out.
  const row = { ...(await caseOf(context, lotId)) };
  await context.db.update(courtCase, { caseId: row.caseId }).set(change);
  return row;
}
