import { Stack, Text } from "@mantine/core";
import type { BatchEvent } from "@millrace/client";
import { useAsset } from "../../market/useAsset.ts";
import { describeBatchEvent } from "./describeBatchEvent.ts";

/** So many are shown: the latest. */
const SHOWN = 100;

/** What a running batch tells, newest first. */
export function BatchFeed({ events }: { events: readonly BatchEvent[] }) {
  const asset = useAsset();
  const first = Math.max(0, events.length - SHOWN);
  const lines = events
    .slice(first)
    .map((event, index) => ({ key: first + index, words: describeBatchEvent(event, asset) }));
  return (
    <Stack
      gap={4}
      role="log"
      aria-live="polite"
      aria-label="What happens"
      mah={360}
      style={{ overflowY: "auto" }}
      tabIndex={0}
    >
      {lines.reverse().map(({ key, words }) => (
        <Text key={key} size="sm">
          {words}
        </Text>
      ))}
    </Stack>
  );
}
