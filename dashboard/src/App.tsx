import { Container, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MillraceError } from "@millrace/protocol";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { RouterProvider } from "react-router/dom";
import { WagmiProvider } from "wagmi";
import { Failure } from "./components/Failure.tsx";
import { Loading } from "./components/Loading.tsx";
import { loadNetwork } from "./config.ts";
import { MarketProvider } from "./market/MarketProvider.tsx";
import { createWallets } from "./market/wallets.ts";
import { createRouter } from "./routes.tsx";
import { cssVariables, theme } from "./theme/theme.ts";

// Errors are shown with a button.
const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: retriesOnce, refetchOnWindowFocus: false } },
});

function retriesOnce(failures: number, error: Error): boolean {
  return failures === 0 && error instanceof MillraceError && error.retryable;
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" containerWidth="min(440px, calc(100vw - 2rem))" />
      <QueryClientProvider client={queryClient}>
        <Dashboard />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The dashboard of the market that its server names. */
function Dashboard() {
  const {
    data: network,
    error,
    refetch,
  } = useQuery({ queryKey: ["network"], queryFn: loadNetwork, staleTime: Infinity });
  const wallets = useMemo(() => network && createWallets(network), [network]);
  const router = useMemo(() => createRouter(), []);
  if (error || !network || !wallets) {
    return (
      <Container component="main" size="sm" py="xl">
        {error ? <Failure error={error} onRetry={refetch} /> : <Loading />}
      </Container>
    );
  }
  return (
    <WagmiProvider config={wallets}>
      <MarketProvider network={network}>
        <RouterProvider router={router} />
      </MarketProvider>
    </WagmiProvider>
  );
}
