import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";

/** The place of something that is being read. */
export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <Stack gap="xs" role="status">
      <VisuallyHidden>Loading …</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={row} height={18} width={row === rows - 1 ? "60%" : "100%"} />
      ))}
    </Stack>
  );
}
