import {
  Alert,
  AppShell,
  Burger,
  Button,
  Container,
  Group,
  NavLink,
  ScrollArea,
  Stack,
  Text,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Suspense, useEffect, useRef } from "react";
import { Link, Outlet, ScrollRestoration, useLocation } from "react-router";
import { useSwitchChain } from "wagmi";
import { useStopRuns } from "../batches/useStopRuns.ts";
import { Icon } from "../components/Icon.tsx";
import { Loading } from "../components/Loading.tsx";
import { useMarket } from "../market/useMarket.ts";
import { useWallet } from "../market/useWallet.ts";
import { type NavEntry, navigation } from "../routes.tsx";
import { Brand } from "./Brand.tsx";
import { ChainStatus } from "./ChainStatus.tsx";
import { SchemeToggle } from "./SchemeToggle.tsx";
import { WalletMenu } from "./WalletMenu.tsx";

/** What is around every page. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useStopRuns();

  // A new page begins at its heading, for those who hear it too; the first one is where the browser put it.
  useEffect(() => {
    close();
    if (shown.current !== pathname) main.current?.focus({ preventScroll: true });
    shown.current = pathname;
  }, [pathname, close]);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "lg" }}
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell.Header bg="var(--millrace-panel)" style={{ borderColor: "var(--millrace-line)" }}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? "Close the menu" : "Open the menu"}
              aria-expanded={isOpen}
            />
            <Brand />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ChainStatus />
            <SchemeToggle />
            <WalletMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        aria-label="Pages"
        bg="var(--millrace-panel)"
        style={{ borderColor: "var(--millrace-line)" }}
      >
        <ScrollArea p="sm">
          <Stack gap="lg">
            {navigation.map(({ title, entries }) => (
              <Stack key={title} gap={2}>
                <Text size="xs" fw={600} c="dimmed" px="sm" pb={2}>
                  {title}
                </Text>
                {entries.map((entry) => (
                  <Entry key={entry.to} entry={entry} pathname={pathname} />
                ))}
              </Stack>
            ))}
          </Stack>
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" ref={main} tabIndex={-1}>
        <Container size={1180} px={0}>
          <WrongChain />
          <Suspense fallback={<Loading rows={6} />}>
            <Outlet />
          </Suspense>
        </Container>
      </AppShell.Main>
      <ScrollRestoration />
    </AppShell>
  );
}

function Entry({ entry: { to, label, icon }, pathname }: { entry: NavEntry; pathname: string }) {
  const isCurrent = to === "/" ? pathname === "/" : pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      component={Link}
      to={to}
      label={label}
      leftSection={<Icon name={icon} />}
      active={isCurrent}
      aria-current={isCurrent ? "page" : undefined}
      style={{ borderRadius: "var(--mantine-radius-md)" }}
    />
  );
}

/** Says so when the wallet is on another chain, and offers to change that. */
function WrongChain() {
  const { network } = useMarket();
  const { isWrongChain } = useWallet();
  const { mutate: switchChain, isPending } = useSwitchChain();
  if (!isWrongChain) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<Icon name="warning" />}
      title="Your wallet is on another chain"
      mb="lg"
    >
      <Group justify="space-between">
        <Text size="sm">
          This market is on {network.name} (chain {network.chainId}). Nothing can be sent until your wallet is
          there too.
        </Text>
        <Button size="xs" loading={isPending} onClick={() => switchChain({ chainId: network.chainId })}>
          Switch
        </Button>
      </Group>
    </Alert>
  );
}
