import { db } from "ponder:api";
import { commitment, event, job, lot } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { IndexedJobStatus } from "@millrace/protocol";
import { and, asc, desc, eq, gt, lt, or } from "ponder";
import { newApp, replies } from "../lib/app.ts";
import { unknown } from "../lib/errors.ts";
import { pageOf } from "../lib/page.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { addressParam, afterParam, hashParam, limitParam, noQuery } from "../schemas/fields.ts";
import { jobDetail, jobsPage } from "../schemas/jobs.ts";
import { eventView, jobView, lotView, requestView } from "../views/jobs.ts";

const LONGEST_PAGE = 1_000;

export const jobs = newApp();

jobs.openapi(
  createRoute({
    method: "get",
    path: "/v1/jobs",
    summary: "Jobs, newest first.",
    responses: replies(jobsPage),
    request: {
      query: z.strictObject({
        buyer: addressParam.optional(),
        modelId: hashParam.optional(),
        status: z.enum(["open", "running", "done"]).optional(),
        after: afterParam,
        limit: limitParam(LONGEST_PAGE),
      }),
    },
  }),
  async (c) => {
    const { buyer, modelId, status, after, limit = 100 } = c.req.valid("query");
    const state = await readSnapshot();
    const rows = await shared(state, `jobs ${buyer} ${modelId} ${status} ${after} ${limit}`, () =>
      db
        .select()
        .from(job)
        .where(
          and(
            buyer && eq(job.buyer, buyer),
            modelId && eq(job.modelId, modelId),
            status && hasStatus[status],
            after === undefined ? undefined : lt(job.sequence, after),
          ),
        )
        .orderBy(desc(job.sequence))
        .limit(limit + 1),
    );
    return c.json(pageOf(rows, limit, { view: jobView, cursor: (row) => row.sequence }), 200);
  },
);

/** As `jobView` tells them. */
const hasStatus: Record<IndexedJobStatus, ReturnType<typeof and>> = {
  open: gt(job.openItems, 0),
  running: and(eq(job.openItems, 0), or(gt(job.assignedItems, 0), gt(job.submittedItems, 0))),
  done: and(eq(job.openItems, 0), eq(job.assignedItems, 0), eq(job.submittedItems, 0)),
};

jobs.openapi(
  createRoute({
    method: "get",
    path: "/v1/jobs/{jobId}",
    summary: "One job, with its lots and all that happened to it.",
    responses: replies(jobDetail),
    request: { params: z.object({ jobId: hashParam }), query: noQuery },
  }),
  async (c) => {
    const { jobId } = c.req.valid("param");
    const state = await readSnapshot();
    const [[row], lots, events] = await shared(state, `job ${jobId}`, () =>
      Promise.all([
        db.select().from(job).where(eq(job.jobId, jobId)),
        db
          .select()
          .from(lot)
          .leftJoin(commitment, eq(commitment.lotId, lot.lotId))
          .where(eq(lot.jobId, jobId))
          .orderBy(asc(lot.sequence)),
        db.select().from(event).where(eq(event.jobId, jobId)).orderBy(asc(event.sequence)),
      ]),
    );
    if (!row) throw unknown("job", jobId);
    return c.json(
      {
        ...jobView(row),
        request: requestView(row),
        lots: lots.map((of) => lotView(of.lot, of.commitment)),
        events: events.map(eventView),
      },
      200,
    );
  },
);
