import { Text } from "@mantine/core";
import { useNow } from "../market/useNow.ts";
import { formatDuration, formatTime } from "./formats.ts";

/** A point of time, as far as it is from now; pointing at it shows the date. @param seconds since the Unix epoch */
export function Time({ seconds }: { seconds: number }) {
  const now = useNow();
  const distance = seconds - now;
  const words =
    Math.abs(distance) < 5
      ? "just now"
      : distance < 0
        ? `${formatDuration(-distance)} ago`
        : `in ${formatDuration(distance)}`;
  return (
    <Text span inherit style={{ whiteSpace: "nowrap" }}>
      <time dateTime={new Date(seconds * 1_000).toISOString()} title={formatTime(seconds)}>
        {words}
      </time>
    </Text>
  );
}
