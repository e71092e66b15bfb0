import { Anchor, Group, Text } from "@mantine/core";
import { useContext } from "react";
import { Link } from "react-router";
import type { Hex } from "viem";
import { CopyIcon } from "./CopyIcon.tsx";
import { ExactContext } from "./exact.ts";
import { shorten } from "./formats.ts";

/**
 * A hash or an id, shortened but in dialogs.
 *
 * @param to a page about it
 * @param what it is, for the copy button. Default: "id".
 */
export function Hash({
  hash,
  to,
  what = "id",
  hideCopy = false,
}: {
  hash: Hex;
  to?: string;
  what?: string;
  hideCopy?: boolean;
}) {
  const isExact = useContext(ExactContext);
  // A whole one breaks on a narrow screen.
  const style = isExact ? { overflowWrap: "anywhere" as const } : { whiteSpace: "nowrap" as const };
  const words = isExact ? hash : shorten(hash);
  return (
    <Group component="span" display="inline-flex" gap={4} wrap="nowrap" style={{ verticalAlign: "middle" }}>
      {to === undefined ? (
        <Text span ff="monospace" style={style} fz="0.92em" title={hash}>
          {words}
        </Text>
      ) : (
        <Anchor component={Link} to={to} ff="monospace" style={style} fz="0.92em" title={hash}>
          {words}
        </Anchor>
      )}
      {!hideCopy && <CopyIcon value={hash} what={what} />}
    </Group>
  );
}
