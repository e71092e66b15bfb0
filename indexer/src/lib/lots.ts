import type { Context } from "ponder:registry";
import { job, lot } from "ponder:schema";
import type { IndexedLotStatus } from "@millrace/protocol";

type LotRow = typeof lot.$inferSelect;

/** Where a lot's items count in its job, by the lot's status. */
const counterOf = {
  assigned: "assignedItems",
  submitted: "submittedItems",
  demanded: "submittedItems",
  challenged: "submittedItems",
  settled: "settledItems",
  open: "openItems",
  closed: "closedItems",
} as const satisfies Record<IndexedLotStatus, string>;

/** Whether the provider still owes something for it, or waits for its pay. */
export const isRunning = (status: string) =>
  status === "assigned" || status === "submitted" || status === "demanded" || status === "challenged";

/**
 * Moves a lot, and its items in its job's progress, to a status.
 *
 * @returns the lot as it was
 */
export async function moveLot(
  { db }: Context,
  lotId: `0x${string}`,
  status: IndexedLotStatus,
  change: Partial<LotRow> = {},
): Promise<LotRow> {
  // Assigned before anything else happens to it. A copy: the store changes the row that it handed out.
  const before = { ...(await db.find(lot, { lotId }))! };
  await db.update(lot, { lotId }).set({ ...change, status });
  const from = counterOf[before.status as IndexedLotStatus];
  const to = counterOf[status];
  if (from !== to) {
    await db
      .update(job, { jobId: before.jobId })
      .set((row) => ({ [from]: row[from] - before.itemCount, [to]: row[to] + before.itemCount }));
  }
  return before;
}
