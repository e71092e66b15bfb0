import { Box, Group, Paper, Title } from "@mantine/core";
import type { ReactNode } from "react";

/**
 * A part of a page with its heading.
 *
 * @param flush whether what is inside reaches the edges, as tables do. Default: false.
 */
export function Panel({
  title,
  actions,
  flush = false,
  children,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <Paper
      component="section"
      bg="var(--millrace-panel)"
      radius="md"
      style={{ border: "1px solid var(--millrace-line)", minWidth: 0 }}
    >
      {(title || actions) && (
        <Group justify="space-between" px="md" pt="sm" pb={flush ? "xs" : 0} gap="xs">
          {title && <Title order={2}>{title}</Title>}
          {actions}
        </Group>
      )}
      <Box p={flush ? 0 : "md"}>{children}</Box>
    </Paper>
  );
}
