import { defineConfig } from "vitest/config";

/** Tests over real servers and processes: databases, relays, whole markets. */
const INTEGRATION = [
  "test/integration/**",
  "test/store/**",
  "test/relay/**",
  "test/devnet/**",
  "test/ground/**",
];
/** Tests that load a model. */
const MODEL = ["test/engine/**", "test/client/model/**"];
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
          exclude: [...INTEGRATION, ...MODEL, ...CONTRACTS],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: "contracts", include: testsIn(CONTRACTS), testTimeout: 60_000, hookTimeout: 60_000 },
      },
      // One process at a time: two engines on two cores slow each other by a factor of forty.
      {
        extends: true,
        test: {
          name: "model",
          include: testsIn(MODEL),
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: testsIn(INTEGRATION),
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
