import { notifications } from "@mantine/notifications";
import { useEffect, useSyncExternalStore } from "react";
import { describeError } from "../components/describeError.ts";
import { type BatchRun, BatchRuns } from "./batchRuns.ts";

/** One for the tab. */
const runs = new BatchRuns((error) =>
  notifications.show({
    title: "A batch has stopped",
    message: `${describeError(error).title} Its page tells what waits.`,
    color: "red",
    autoClose: false,
  }),
);

/** The batches that this tab runs, and what starts and pauses them. Warns before the tab is closed on a running one. */
export function useBatchRuns(): { runs: BatchRuns; all: readonly BatchRun[] } {
  const all = useSyncExternalStore(runs.subscribe, runs.all);
  const isRunning = all.some(({ state }) => state === "running");
  useEffect(() => {
    if (!isRunning) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isRunning]);
  return { runs, all };
}
