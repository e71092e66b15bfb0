import { List, Text } from "@mantine/core";
import type { JobDetail } from "@millrace/protocol";
import { useBatchRuns } from "../../batches/useBatchRuns.ts";
import { useOwnBatch } from "../../batches/useOwnBatch.ts";
import { formatCount } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { formatRatio } from "../../court/voteRatio.ts";

const demands = ["ReceiptDemanded", "DeliveryDemanded", "CaseOpened", "FaultProven"];

/** What was checked of a job: on-chain for everyone to see, and by this browser if the batch is its own. */
export function JobChecks({ job: { jobId, events } }: { job: JobDetail }) {
  const batchId = useOwnBatch(jobId);
  const { all } = useBatchRuns();
  const run = all.find((one) => one.batchId === batchId);
  const count = (name: string) => events.filter((event) => event.name === name).length;
  const counts = demands.map(count);
  const [receipts = 0, deliveries = 0, cases = 0, faults = 0] = counts;
  const seen = (run?.events ?? []).flatMap((event) => {
    if (!("lotId" in event) || event.jobId.toLowerCase() !== jobId.toLowerCase()) return [];
    switch (event.type) {
      case "lot-verified":
        return [
          `Items ${event.firstItem + 1} to ${event.firstItem + event.itemCount}: every receipt and answer agrees with what was committed to (${event.trust}).`,
        ];
      case "lot-checked":
        return [
          `Items ${event.firstItem + 1} to ${event.firstItem + event.itemCount}: ${event.items} computed again, ${formatRatio(event.ratio)} of what honest machines differ by.`,
        ];
      case "lot-faulty":
        return [`Item ${event.item + 1} was not computed as agreed: ${formatRatio(event.ratio)}.`];
      case "lot-unverified":
        return [`Items ${event.firstItem + 1} to ${event.firstItem + event.itemCount}: ${event.message}`];
      default:
        return [];
    }
  });
  return (
    <Panel title="Checks">
      <Text size="sm">
        {counts.every((number) => number === 0)
          ? "Nobody has made its providers answer for anything on-chain."
          : `On-chain: ${formatCount(receipts)} receipts demanded, ${formatCount(deliveries)} deliveries demanded, ${formatCount(cases)} items taken to court, ${formatCount(faults)} faults proven by hashes.`}{" "}
        What buyers check at home nobody else can see.
      </Text>
      {batchId !== undefined && (
        <>
          <Text size="sm" fw={600} mt="sm">
            By this browser
          </Text>
          {seen.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nothing since this tab was opened. Answers are checked as they come, while the batch runs here.
            </Text>
          ) : (
            <List size="sm">
              {seen.map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          )}
        </>
      )}
    </Panel>
  );
}
