import { db } from "ponder:api";
import { courtCase, event, jurorVote, jury, seat } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { CaseDetail } from "@millrace/protocol";
import { and, asc, desc, eq, inArray, lt, or } from "ponder";
import { newApp, replies } from "../lib/app.ts";
import { unknown } from "../lib/errors.ts";
import { pageOf } from "../lib/page.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { caseDetail, casesPage } from "../schemas/cases.ts";
import { afterParam, limitParam, noQuery } from "../schemas/fields.ts";
import { caseView, juryView } from "../views/cases.ts";
import { eventView } from "../views/jobs.ts";

const LONGEST_PAGE = 1_000;
const CASE_ID = /^0x[\da-f]{64}-(\d{1,4}|fault)$/;

export const cases = newApp();

cases.openapi(
  createRoute({
    method: "get",
    path: "/v1/cases",
    summary: "What the court looks at, and faults proven by hashes; newest first.",
    responses: replies(casesPage),
    request: {
      query: z.strictObject({
        status: z.enum(["open", "over"]).optional(),
        after: afterParam,
        limit: limitParam(LONGEST_PAGE),
      }),
    },
  }),
  async (c) => {
    const { status, after, limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const rows = await shared(state, `cases ${status} ${after} ${limit}`, () =>
      db
        .select()
        .from(courtCase)
        .where(
          and(
            status && eq(courtCase.isOver, status === "over"),
            after === undefined ? undefined : lt(courtCase.sequence, after),
          ),
        )
        .orderBy(desc(courtCase.sequence))
        .limit(limit + 1),
    );
    return c.json(pageOf(rows, limit, { view: caseView, cursor: (row) => row.sequence }), 200);
  },
);

cases.openapi(
  createRoute({
    method: "get",
    path: "/v1/cases/{caseId}",
    summary: "One case, with its juries and all that happened in it.",
    responses: replies(caseDetail),
    request: {
      params: z.object({
        caseId: z
          .string()
          .toLowerCase()
          .regex(CASE_ID, "A lot's id, a dash, and a number or `fault`.")
          .openapi({ type: "string" }),
      }),
      query: noQuery,
    },
  }),
  async (c) => {
    const { caseId } = c.req.valid("param");
    const state = await readSnapshot();
    const detail = await shared(state, `case ${caseId}`, () => readDetail(caseId));
    if (!detail) throw unknown("case", caseId);
    return c.json(detail, 200);
  },
);

async function readDetail(caseId: string): Promise<CaseDetail | undefined> {
  const [row] = await db.select().from(courtCase).where(eq(courtCase.caseId, caseId));
  if (!row) return undefined;
  const isFault = row.kind === "proven-fault";
  const [events, juries, votes] = await Promise.all([
    db
      .select()
      .from(event)
      .where(
        isFault
          ? // What was demanded may have led to it.
            and(eq(event.lotId, row.lotId), or(eq(event.contract, "Faults"), eq(event.name, "LotSlashed")))
          : eq(event.caseId, caseId),
      )
      .orderBy(asc(event.sequence)),
    db.select().from(jury).where(eq(jury.caseId, caseId)).orderBy(asc(jury.round), asc(jury.redraws)),
    db.select().from(jurorVote).where(eq(jurorVote.caseId, caseId)),
  ]);
  const seatIds = juries.flatMap((drawn) => drawn.seatIds);
  const seats = seatIds.length === 0 ? [] : await db.select().from(seat).where(inArray(seat.seatId, seatIds));
  const ownerOf = new Map(seats.map(({ seatId, owner }) => [seatId, owner]));
  return {
    ...caseView(row),
    ...(row.evidenceHash && { evidenceHash: row.evidenceHash }),
    juries: juries.map((drawn) => juryView(drawn, votes, ownerOf)),
    ...(row.ending && { ending: row.ending }),
    events: events.map(eventView),
  };
}
