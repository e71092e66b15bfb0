import {
  type AccountOverride,
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

/**
 * As in hardhat.config.ts, but with a seed, for an outcome is to be the same again, and a quarter of the runs: at worst
 * some mutants count as survivors that those of CI would kill.
 */
export const campaign = {
  fuzz: { runs: 64, seed: "0x6d696c6c72616365" },
  invariant: { runs: 8, depth: 64, failOnRevert: true, shrinkRunLimit: 0 },
  // Eight times what the largest of our tests takes. Who runs out of it has failed, but EDR then goes through every
  // step again for a stack trace, which takes minutes: the watch on the worker ends that.
  gasLimit: 400_000_000n,
};

/**
 * What a test's name begins with: those of one input, and those of many, which take a hundred times as long. Those of
 * gas are neither: they are about optimized code.
 */
export const kinds = { single: "^test_", many: "^(testFuzz|invariant)" } as const;

let context: Promise<EdrContext> | undefined;

async function openContext(): Promise<EdrContext> {
  const opened = new EdrContext();
  await opened.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
  return opened;
}

/** Throws for a file that has no test of either kind: it would let every mutant pass. */
export function requireTests(file: string, artifacts: readonly Artifact[]): void {
  const names = artifacts.filter(({ id }) => id.source === file).flatMap(({ contract }) => testsOf(contract));
  const isTest = (name: string) => Object.values(kinds).some((kind) => new RegExp(kind).test(name));
  if (!names.some(isTest)) throw new Error(`${file} has no test.`);
}

/** Runs the tests of one kind of a file, if it has any, on a chain with the accounts; resolves to the name of one that failed, or to nothing. */
export async function runTests(
  file: string,
  kind: keyof typeof kinds,
  artifacts: Artifact[],
  accounts: AccountOverride[] = [],
): Promise<string | undefined> {
  context ??= openContext();
  const pattern = new RegExp(kinds[kind]);
  const suites = artifacts.filter(
    ({ id, contract }) => id.source === file && testsOf(contract).some((name) => pattern.test(name)),
  );
  if (suites.length === 0) return undefined;
  const results = await runSuites(await context, suites, artifacts, {
    testPattern: kinds[kind],
    localPredeploys: accounts,
  });
  return results.flatMap(({ testResults }) => testResults).find(({ status }) => status !== TestStatus.Success)
    ?.name;
}

function runSuites(
  edr: EdrContext,
  suites: Artifact[],
  artifacts: Artifact[],
  settings: Pick<SolidityTestRunnerConfigArgs, "testPattern" | "localPredeploys">,
): Promise<SuiteResult[]> {
  const config: SolidityTestRunnerConfigArgs = {
    projectRoot: root,
    hardfork: l1HardforkToString(l1HardforkLatest()),
    fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: "protocol/vectors" }],
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    ...settings,
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

function testsOf({ abi, bytecode }: Artifact["contract"]): string[] {
  if (bytecode === "0x") return [];
  const members = JSON.parse(abi) as { readonly type: string; readonly name?: string }[];
  return members.flatMap(({ type, name = "" }) => (type === "function" ? [name] : []));
}
