import { Accordion, Button, Group, Text } from "@mantine/core";
import type { OpenedJob } from "@millrace/client";
import type { JobDetail } from "@millrace/protocol";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { Empty } from "../../components/Empty.tsx";
import { Failure } from "../../components/Failure.tsx";
import { formatCount } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { StatusBadge } from "../../components/StatusBadge.tsx";
import { AcceptLots } from "./AcceptLots.tsx";
import { itemsOf } from "./itemsOf.ts";
import { LotDetails } from "./LotDetails.tsx";
import { LotTiming } from "./LotTiming.tsx";

/** So many are shown at first. */
const FIRST = 20;
/** As many as one transaction holds. */
const MOST_ACCEPTED = 64;

/**
 * The lots of a job, in the order in which they were given to providers.
 *
 * @param onChain the job by the chain
 */
export function JobLots({
  job: { jobId, lots },
  onChain,
  isBuyer,
}: {
  job: JobDetail;
  onChain: UseQueryResult<OpenedJob>;
  isBuyer: boolean;
}) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? lots : lots.slice(0, FIRST);
  const answered = [...(onChain.data?.lots.values() ?? [])]
    .filter(({ status }) => status === "submitted")
    .slice(0, MOST_ACCEPTED);
  return (
    <Panel
      title={`Lots (${formatCount(lots.length)})`}
      flush
      actions={
        isBuyer &&
        answered.length > 1 && <AcceptLots label="Accept all answered" jobId={jobId} lots={answered} />
      }
    >
      {onChain.error && <Failure error={onChain.error} onRetry={onChain.refetch} />}
      {lots.length === 0 ? (
        <Empty title="No provider has taken any of it yet">
          It rests as a bid, whose price rises until one does. What nobody takes can be cancelled.
        </Empty>
      ) : (
        <Accordion multiple variant="default" order={3}>
          {shown.map((lot) => (
            <Accordion.Item key={lot.lotId} value={lot.lotId}>
              <Accordion.Control>
                <Group gap="sm" wrap="wrap">
                  <Text fw={600}>{itemsOf(lot)}</Text>
                  <StatusBadge status={lot.reopened ?? lot.status} />
                  {lot.attempt > 0 && (
                    <Text size="sm" c="dimmed">
                      attempt {lot.attempt + 1}
                    </Text>
                  )}
                  <LotTiming lot={lot} />
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <LotDetails lot={lot} onChain={onChain.data} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
      {shown.length < lots.length && (
        <Group justify="center" p="md">
          <Button variant="default" onClick={() => setIsWhole(true)}>
            Show all {formatCount(lots.length)} lots
          </Button>
        </Group>
      )}
    </Panel>
  );
}
