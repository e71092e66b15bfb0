import { Button, Group, Stack, Text, Timeline } from "@mantine/core";
import type { MarketEvent } from "@millrace/protocol";
import { type ReactNode, useState } from "react";
import type { Address as AddressValue, Hex } from "viem";
import { eventTitle, type Fact, factsOf } from "../trail/eventWords.ts";
import { Address } from "./Address.tsx";
import { Amount } from "./Amount.tsx";
import { Hash } from "./Hash.tsx";
import { Time } from "./Time.tsx";

/** So many are shown at first: of a large job nobody reads all. */
const FIRST = 40;

/**
 * Events in the order in which they happened.
 *
 * @param explain what an event means, beyond its arguments
 */
export function Trail({
  events,
  explain,
}: {
  events: readonly MarketEvent[];
  explain?: (event: MarketEvent) => ReactNode;
}) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? events : events.slice(0, FIRST);
  if (events.length === 0) return <Text c="dimmed">Nothing yet.</Text>;
  return (
    <Stack gap="md">
      <Timeline bulletSize={14} lineWidth={2} active={shown.length - 1} color="race">
        {shown.map((event, index) => (
          <Timeline.Item
            // biome-ignore lint/suspicious/noArrayIndexKey: events are only ever appended
            key={index}
            title={
              <Group gap="xs" justify="space-between" wrap="wrap">
                <span>{eventTitle(event.name)}</span>
                <Text span size="xs" c="dimmed" fw={400}>
                  block {event.at.block}, <Time seconds={event.at.time} />
                </Text>
              </Group>
            }
          >
            {explain && (
              <Text component="div" size="sm">
                {explain(event)}
              </Text>
            )}
            <Group gap="2px 16px" mt={2}>
              {factsOf(event).map((fact) => (
                <Text key={fact.label} component="div" size="sm" c="dimmed">
                  {fact.label}: <FactValue fact={fact} />
                </Text>
              ))}
              <Text component="div" size="sm" c="dimmed">
                Transaction: <Hash hash={event.at.transactionHash} what="transaction hash" />
              </Text>
            </Group>
          </Timeline.Item>
        ))}
      </Timeline>
      {shown.length < events.length && (
        <Button variant="default" style={{ alignSelf: "center" }} onClick={() => setIsWhole(true)}>
          Show all {events.length}
        </Button>
      )}
    </Stack>
  );
}

function FactValue({ fact: { kind, value } }: { fact: Fact }) {
  switch (kind) {
    case "amount":
      return <Amount value={value} />;
    case "time":
      return <Time seconds={Number(value)} />;
    case "address":
      return <Address address={value as AddressValue} />;
    case "hash":
      return <Hash hash={value as Hex} />;
    case "text":
      return (
        <Text span inherit c="var(--mantine-color-text)">
          {value}
        </Text>
      );
  }
}
