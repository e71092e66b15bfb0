import { defineConfig } from "vitest/config";

/** Tests over real servers and processes: databases, relays, chains, indexers. */
const INTEGRATION = ["test/integration/**", "test/store/**", "test/relay/**", "test/ground/**"];
/** Of these, those that load a model or start whole markets, in which agents do. */
const MARKET = [
  "test/integration/agent/**",
  "test/integration/juror/**",
  "test/integration/market/**",
  "test/integration/proof/**",
];
/** Tests that load a model. */
const MODEL = ["test/engine/**", "test/client/model/**"];
/** Tests that drive the dashboard with Chromium. */
const BROWSER = ["test/browser/**"];
/** Tests that run a chain in their own process. */
const CONTRACTS = ["test/contracts/**", "test/ignition/**", "test/simulation/**"];

const testsIn = (folders: readonly string[]) => folders.map((folder) => `${folder}/*.test.ts`);

export default defineConfig({
  test: {
    // A process per file: native modules and signal handlers do not mix in threads. Two, for that many cores are
    // the least a machine has.
    pool: "forks",
    maxWorkers: 2,
    // A test that waits for an event which never comes says so, long after an honest slow machine would have passed.
    teardownTimeout: 10_000,
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...INTEGRATION, ...MODEL, ...CONTRACTS, ...BROWSER],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: "contracts", include: testsIn(CONTRACTS), testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: testsIn(INTEGRATION),
          exclude: MARKET,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // From here on one process at a time: two engines on two cores slow each other by a factor of forty.
      {
        extends: true,
        test: {
          name: "model",
          include: testsIn(MODEL),
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "market",
          include: testsIn(MARKET),
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      // A whole market with an engine, an indexer and a browser each: one at a time, and with patience.
      {
        extends: true,
        test: {
          name: "browser",
          include: testsIn(BROWSER),
          testTimeout: 420_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
