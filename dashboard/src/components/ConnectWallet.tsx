import { Avatar, Button, type ButtonProps, Group, Modal, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { type Connector, useConnect, useConnectors } from "wagmi";
import { useMarket } from "../market/useMarket.ts";
import { isDevelopmentWallet } from "../market/wallets.ts";
import classes from "./ConnectWallet.module.css";
import { Icon } from "./Icon.tsx";

/** A button that shows the wallets that are there, and connects one. */
export function ConnectWallet(button: Pick<ButtonProps, "size" | "variant" | "fullWidth">) {
  const { network } = useMarket();
  const [isOpen, { open, close }] = useDisclosure(false);
  const { mutateAsync: connect, isPending, variables } = useConnect();
  const connectors = useConnectors();
  const development = connectors.filter(({ id }) => isDevelopmentWallet(id));
  const installed = connectors.filter(({ id }) => !isDevelopmentWallet(id));

  const choose = async (connector: Connector) => {
    try {
      await connect({ connector, chainId: network.chainId });
      close();
    } catch (error) {
      const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
      notifications.show({ title: `${connector.name} was not connected`, message, color: "red" });
    }
  };
  const list = (wallets: readonly Connector[], hint?: string) =>
    wallets.map((connector) => (
      <UnstyledButton
        key={connector.uid}
        className={classes.wallet}
        disabled={isPending}
        onClick={() => void choose(connector)}
      >
        <Group gap="sm" wrap="nowrap">
          <Avatar src={connector.icon ?? null} alt="" radius="sm" size={28} color="race" variant="light">
            <Icon name={hint ? "account" : "wallet"} />
          </Avatar>
          <Text size="sm" fw={500}>
            {connector.name}
          </Text>
          {isPending && variables?.connector === connector && (
            <Text size="xs" c="dimmed" ml="auto">
              waiting for it …
            </Text>
          )}
        </Group>
      </UnstyledButton>
    ));
  return (
    <>
      <Button {...button} onClick={open}>
        Connect wallet
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Connect a wallet"
        centered
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Stack gap="lg">
          {installed.length > 0 && <Stack gap={6}>{list(installed)}</Stack>}
          {installed.length === 0 && (
            <Text size="sm" c="dimmed">
              No wallet was found in this browser. Install one as an extension, then reload this page. The
              command line does everything too.
            </Text>
          )}
          {development.length > 0 && (
            <Stack gap={6}>
              <Text size="sm" fw={600}>
                Development accounts
              </Text>
              <Text size="xs" c="dimmed">
                This chain runs on your machine. Everybody has these keys: they are refused on any other
                chain.
              </Text>
              {list(development, "development")}
            </Stack>
          )}
        </Stack>
      </Modal>
    </>
  );
}
