import type { JobState } from "@millrace/client";
import type { JobSummary } from "@millrace/protocol";

/** Where the items of a batch's jobs are, as the indexer counts those of others'. */
export function partsOf(jobs: readonly Pick<JobState, "items">[]): JobSummary["progress"] {
  const sum = (field: keyof JobState["items"]) => jobs.reduce((total, { items }) => total + items[field], 0);
  return {
    open: sum("unassigned"),
    assigned: sum("assigned"),
    submitted: sum("submitted"),
    settled: sum("settled"),
    closed: sum("withdrawn"),
  };
}
