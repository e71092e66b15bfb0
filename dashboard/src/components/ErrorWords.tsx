import { List, Stack, Text } from "@mantine/core";
import { describeError } from "./describeError.ts";

/** What failed, the particulars, and what can be done. */
export function ErrorWords({ error }: { error: unknown }) {
  const { title, details, hints } = describeError(error);
  return (
    <Stack gap={4}>
      <Text size="sm">{title}</Text>
      {details !== undefined && (
        <Text size="sm" c="dimmed" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
          {details}
        </Text>
      )}
      {hints.length > 0 && (
        <List size="sm" spacing={2}>
          {hints.map((hint) => (
            <List.Item key={hint}>{hint}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
