import { Text, Timeline } from "@mantine/core";
import type { ProposalDetail } from "@millrace/protocol";
import { Time } from "../../components/Time.tsx";
import { useNow } from "../../market/useNow.ts";

/** When what happened to a proposal, and what is to come. */
export function ProposalSteps({ proposal }: { proposal: ProposalDetail }) {
  const { proposedAt, voteStart, voteEnd, queuedAt, eta, executedAt, cancelledAt } = proposal;
  const now = useNow();
  const steps = [
    {
      title: "Proposed",
      seconds: proposedAt.time,
      note: "Stakes are counted as they are when the vote begins.",
    },
    { title: "The vote begins", seconds: voteStart },
    { title: "The vote ends", seconds: voteEnd },
    ...(queuedAt
      ? [
          {
            title: "Queued",
            seconds: queuedAt.time,
            note: "Everyone's notice: who does not agree can leave.",
          },
        ]
      : []),
    ...(eta && !cancelledAt ? [{ title: "May be executed", seconds: eta }] : []),
    ...(executedAt
      ? [{ title: "Executed", seconds: executedAt.time, note: "In force for jobs opened from then on." }]
      : []),
    ...(cancelledAt ? [{ title: "Cancelled", seconds: cancelledAt.time }] : []),
  ];
  return (
    <Timeline
      bulletSize={14}
      lineWidth={2}
      active={steps.findLastIndex(({ seconds }) => seconds <= now)}
      color="race"
    >
      {steps.map(({ title, seconds, note }) => (
        <Timeline.Item key={title} title={title}>
          <Text size="sm" c="dimmed">
            <Time seconds={seconds} />
            {note && `. ${note}`}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
