import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** One number with what it is. */
export function Figure({ label, value, hint }: { label: string; value: ReactNode; hint?: ReactNode }) {
  return (
    <Stack gap={2}>
      <Text size="sm" c="dimmed" mod="words">
        {label}
      </Text>
      <Text component="div" fz="1.3rem" fw={600} lh={1.25}>
        {value}
      </Text>
      {hint && (
        <Text component="div" size="xs" c="dimmed" mod="words">
          {hint}
        </Text>
      )}
    </Stack>
  );
}
