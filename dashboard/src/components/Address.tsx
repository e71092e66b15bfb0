import { Anchor, Badge, Group, Text } from "@mantine/core";
import { useContext } from "react";
import { Link } from "react-router";
import { type Address as AddressValue, getAddress, isAddressEqual } from "viem";
import { useWallet } from "../market/useWallet.ts";
import { CopyIcon } from "./CopyIcon.tsx";
import { ExactContext } from "./exact.ts";
import { shorten } from "./formats.ts";

/**
 * An address: shortened, with its checksum, and whether it is the reader's own.
 *
 * @param to a page about it
 * @param isWhole whether to write all of it. Default: in dialogs.
 */
export function Address({
  address,
  to,
  isWhole: isAlwaysWhole = false,
  hideCopy = false,
}: {
  address: AddressValue;
  to?: string;
  isWhole?: boolean;
  hideCopy?: boolean;
}) {
  const wallet = useWallet();
  const checked = getAddress(address);
  const isOwn = wallet.address !== undefined && isAddressEqual(checked, wallet.address);
  const isWhole = useContext(ExactContext) || isAlwaysWhole;
  // A whole one breaks on a narrow screen.
  const style = isWhole ? { overflowWrap: "anywhere" as const } : { whiteSpace: "nowrap" as const };
  const words = isWhole ? checked : shorten(checked);
  return (
    <Group component="span" display="inline-flex" gap={4} wrap="nowrap" style={{ verticalAlign: "middle" }}>
      {to === undefined ? (
        <Text span ff="monospace" style={style} fz="0.92em" title={checked}>
          {words}
        </Text>
      ) : (
        <Anchor component={Link} to={to} ff="monospace" style={style} fz="0.92em" title={checked}>
          {words}
        </Anchor>
      )}
      {isOwn && (
        <Badge component="span" size="xs" variant="light">
          you
        </Badge>
      )}
      {!hideCopy && <CopyIcon value={checked} what="address" />}
    </Group>
  );
}
