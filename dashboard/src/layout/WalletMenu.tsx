import { Button, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Link } from "react-router";
import { useDisconnect } from "wagmi";
import { ConnectWallet } from "../components/ConnectWallet.tsx";
import { shorten } from "../components/formats.ts";
import { Icon } from "../components/Icon.tsx";
import { useWallet } from "../market/useWallet.ts";

/** The connected wallet, or a button to connect one. */
export function WalletMenu() {
  const { address, name, isDevelopment } = useWallet();
  const { mutate: disconnect } = useDisconnect();
  const { copy } = useClipboard();
  if (address === undefined) return <ConnectWallet size="sm" />;
  const words = isDevelopment ? name : shorten(address);
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="wallet" size={16} />}
          aria-label={`Wallet: ${words}`}
        >
          {words}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{isDevelopment ? `${shorten(address)} (development)` : name}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<Icon name="account" />}>
          My account
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy(address)}>
          Copy the address
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => disconnect()}>Disconnect</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
