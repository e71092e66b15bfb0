import { Badge, type MantineColor } from "@mantine/core";

/** What is well is green, what waits grey, what goes on blue, what is disputed orange, what went wrong red. */
const colors: Record<string, MantineColor> = {
  live: "teal",
  settled: "teal",
  done: "teal",
  rejected: "teal",
  executed: "teal",
  succeeded: "teal",
  assigned: "blue",
  submitted: "blue",
  running: "blue",
  active: "blue",
  queued: "blue",
  demanded: "orange",
  challenged: "orange",
  slashed: "red",
  fault: "red",
  defeated: "red",
  "proven-fault": "red",
};

const words: Record<string, string> = { "used-up": "used up", none: "no verdict", open: "open" };

/** Where an offer, lot, job, case or proposal stands. Statuses that are not known here are grey. */
export function StatusBadge({ status, label }: { status: string; label?: string }) {
  return (
    <Badge
      component="span"
      variant="light"
      color={colors[status] ?? "gray"}
      size="sm"
      tt="none"
      fw={600}
      // Mantine's would rather lose letters than room.
      miw="max-content"
    >
      {label ?? words[status] ?? status}
    </Badge>
  );
}
