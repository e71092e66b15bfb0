import { Group, Text, UnstyledButton } from "@mantine/core";
import { Link } from "react-router";

/** The way home. */
export function Brand() {
  return (
    <UnstyledButton component={Link} to="/" aria-label="Millrace, to the market">
      <Group gap={8} wrap="nowrap">
        <img src="/icon.svg" alt="" width={26} height={26} />
        <Text fw={700} fz="1.05rem" visibleFrom="xs">
          Millrace
        </Text>
      </Group>
    </UnstyledButton>
  );
}
