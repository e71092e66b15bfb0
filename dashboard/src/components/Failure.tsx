import { Alert, Button, Stack } from "@mantine/core";
import { ErrorWords } from "./ErrorWords.tsx";
import { Icon } from "./Icon.tsx";

/** Something could not be read: why, what can be done, and a button to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => unknown }) {
  return (
    <Alert variant="light" color="red" title="This could not be read" icon={<Icon name="warning" />}>
      <Stack align="flex-start" gap="sm">
        <ErrorWords error={error} />
        {onRetry && (
          <Button size="xs" variant="default" onClick={() => onRetry()}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
