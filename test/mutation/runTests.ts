import {
  type Artifact,
  EdrContext,
  FsAccessPermission,
  L1_CHAIN_TYPE,
  l1HardforkLatest,
  l1HardforkToString,
  l1SolidityTestRunnerFactory,
  type SolidityTestRunnerConfigArgs,
  type SuiteResult,
  TestStatus,
} from "@nomicfoundation/edr";
import { root } from "./compile.ts";

// Hardhat's own runner, without the start of Hardhat and its files of artifacts for every mutant.

/** As in hardhat.config.ts, but with a seed, for an outcome is to be the same again, and a quarter of the invariant runs. */
export const campaign = {
  fuzz: { runs: 256, seed: "0x6d696c6c72616365" },
  invariant: { runs: 8, depth: 64, failOnRevert: true, shrinkRunLimit: 0 },
  // Eight times what the largest of our tests takes. Who runs out of it has failed, but EDR then goes through every
  // step again for a stack trace, which takes minutes: the watch on the worker ends that.
  gasLimit: 400_000_000n,
  // Gas is asserted of optimized code.
  excludeTestPattern: "_costs|_reads[A-Z][a-z]+SlotsOnce",
};

let context: Promise<EdrContext> | undefined;

async function openContext(): Promise<EdrContext> {
  const opened = new EdrContext();
  await opened.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
  return opened;
}

/** Runs the test contracts of a file; resolves to the name of a test that failed, or to nothing. */
export async function runTests(file: string, artifacts: Artifact[]): Promise<string | undefined> {
  context ??= openContext();
  const suites = artifacts.filter((artifact) => artifact.id.source === file && isTestSuite(artifact));
  if (suites.length === 0) throw new Error(`${file} has no test.`);
  const results = await runSuites(await context, suites, artifacts);
  const tests = results.flatMap(({ testResults }) => testResults);
  if (tests.length === 0) throw new Error(`${file} ran no test.`);
  return tests.find(({ status }) => status !== TestStatus.Success)?.name;
}

function runSuites(edr: EdrContext, suites: Artifact[], artifacts: Artifact[]): Promise<SuiteResult[]> {
  const config: SolidityTestRunnerConfigArgs = {
    projectRoot: root,
    hardfork: l1HardforkToString(l1HardforkLatest()),
    fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: "protocol/vectors" }],
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    ...campaign,
  };
  const ids = suites.map(({ id }) => id);
  const { promise, resolve, reject } = Promise.withResolvers<SuiteResult[]>();
  const results: SuiteResult[] = [];
  // The last result may come after the run itself is over.
  const take = (result: SuiteResult) => {
    if (results.push(result) === suites.length) resolve(results);
  };
  edr.runSolidityTests(L1_CHAIN_TYPE, artifacts, ids, config, {}, take).catch(reject);
  return promise;
}

function isTestSuite({ contract: { abi, bytecode } }: Artifact): boolean {
  const isTest = ({ type, name }: { type: string; name?: string }) =>
    type === "function" && /^(test|invariant)/.test(name ?? "");
  return bytecode !== "0x" && (JSON.parse(abi) as { type: string; name?: string }[]).some(isTest);
}
