import type { ComponentType } from "react";
import { createBrowserRouter } from "react-router";
import type { IconName } from "./components/Icon.tsx";
import { Loading } from "./components/Loading.tsx";
import { Shell } from "./layout/Shell.tsx";
import { NotFound, PageError } from "./pages/Errors.tsx";

export interface NavEntry {
  to: string;
  label: string;
  icon: IconName;
}

/** The menu. */
export const navigation: readonly { title: string; entries: readonly NavEntry[] }[] = [
  {
    title: "Trade",
    entries: [
      { to: "/", label: "Market", icon: "market" },
      { to: "/providers", label: "Providers", icon: "provider" },
    ],
  },
  {
    title: "Work",
    entries: [
      { to: "/batches/new", label: "New batch", icon: "plus" },
      { to: "/jobs", label: "Jobs", icon: "jobs" },
      { to: "/disputes", label: "Disputes", icon: "disputes" },
    ],
  },
  {
    title: "Govern",
    entries: [
      { to: "/governance", label: "Governance", icon: "governance" },
      { to: "/stake", label: "Stake and yield", icon: "stake" },
    ],
  },
  { title: "You", entries: [{ to: "/account", label: "My account", icon: "account" }] },
];

/** Each page by its path; loaded when it is first opened. */
const pages: Record<string, () => Promise<ComponentType>> = {
  "/": () => import("./pages/MarketPage.tsx").then(({ MarketPage }) => MarketPage),
  "/providers": () => import("./pages/ProvidersPage.tsx").then(({ ProvidersPage }) => ProvidersPage),
  "/providers/:address": () => import("./pages/ProviderPage.tsx").then(({ ProviderPage }) => ProviderPage),
  "/stake": () => import("./pages/StakePage.tsx").then(({ StakePage }) => StakePage),
  "/jobs": () => import("./pages/JobsPage.tsx").then(({ JobsPage }) => JobsPage),
  "/jobs/:jobId": () => import("./pages/JobPage.tsx").then(({ JobPage }) => JobPage),
  "/batches/new": () => import("./pages/NewBatchPage.tsx").then(({ NewBatchPage }) => NewBatchPage),
  "/batches/:batchId": () => import("./pages/BatchPage.tsx").then(({ BatchPage }) => BatchPage),
  "/disputes": () => import("./pages/DisputesPage.tsx").then(({ DisputesPage }) => DisputesPage),
  "/disputes/:caseId": () => import("./pages/DisputePage.tsx").then(({ DisputePage }) => DisputePage),
  "/governance": () => import("./pages/GovernancePage.tsx").then(({ GovernancePage }) => GovernancePage),
  "/governance/new": () => import("./pages/ProposePage.tsx").then(({ ProposePage }) => ProposePage),
  "/governance/:proposalId": () =>
    import("./pages/ProposalPage.tsx").then(({ ProposalPage }) => ProposalPage),
  "/account": () => import("./pages/AccountPage.tsx").then(({ AccountPage }) => AccountPage),
};

/** The route table. */
export function createRouter() {
  return createBrowserRouter([
    {
      Component: Shell,
      ErrorBoundary: PageError,
      HydrateFallback: Loading,
      children: [
        ...Object.entries(pages).map(([path, load]) => ({
          path,
          ErrorBoundary: PageError,
          lazy: async () => ({ Component: await load() }),
        })),
        { path: "*", Component: NotFound },
      ],
    },
  ]);
}
