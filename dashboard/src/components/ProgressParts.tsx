import { Group, Progress, Text } from "@mantine/core";
import type { JobSummary } from "@millrace/protocol";
import { formatCount } from "./formats.ts";

const parts = [
  { key: "settled", label: "paid", color: "teal" },
  { key: "submitted", label: "answered", color: "blue" },
  { key: "assigned", label: "being computed", color: "cyan" },
  { key: "open", label: "waiting", color: "gray" },
  { key: "closed", label: "withdrawn", color: "dark" },
] as const;

/**
 * Where a job's items are, as a bar.
 *
 * @param hasLegend whether the numbers stand beneath it. Default: false; then they are told to those who point at it or
 * hear it.
 */
export function ProgressParts({
  progress,
  hasLegend = false,
}: Pick<JobSummary, "progress"> & { hasLegend?: boolean }) {
  const total = parts.reduce((sum, { key }) => sum + progress[key], 0);
  const present = parts.filter(({ key }) => progress[key] > 0);
  const words = present.map(({ key, label }) => `${formatCount(progress[key])} ${label}`).join(", ");
  return (
    <div>
      <Progress.Root size={hasLegend ? 14 : 10} miw={90} role="img" aria-label={words} title={words}>
        {present.map(({ key, color }) => (
          <Progress.Section
            key={key}
            value={(progress[key] / total) * 100}
            color={color}
            withAria={false}
            // Its words are the whole bar's.
            aria-hidden="true"
          />
        ))}
      </Progress.Root>
      {hasLegend && (
        <Group gap="md" mt="xs">
          {present.map(({ key, label, color }) => (
            <Group key={key} gap={6}>
              <span
                style={{
                  width: 10,
                  height: 10,
                  borderRadius: 3,
                  background: `var(--mantine-color-${color}-filled)`,
                }}
              />
              <Text size="sm">
                {formatCount(progress[key])} {label}
              </Text>
            </Group>
          ))}
        </Group>
      )}
    </div>
  );
}
