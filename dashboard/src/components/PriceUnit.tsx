import { Text } from "@mantine/core";
import { useAsset } from "../market/useAsset.ts";

/** What prices are in, for the head of a panel. */
export function PriceUnit() {
  const { symbol } = useAsset();
  return (
    <Text size="xs" c="dimmed">
      M: {symbol} per million tokens
    </Text>
  );
}
