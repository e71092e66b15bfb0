import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  developmentAccount,
  millAbi,
  type Network,
  parametersAbi,
  stakedMillAbi,
  timelockAbi,
} from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { type Hex, keccak256, stringToBytes, zeroHash } from "viem";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LocalChain, startChain } from "../../devnet/src/chain.ts";
import hardhatConfig from "../../hardhat.production.config.ts";
import { checkDeployment } from "../../ignition/checkDeployment.ts";
import { deployContracts } from "../../ignition/deployContracts.ts";
import { type Call, callAs, clientOf, type TestClient } from "./anyAccount.ts";

const deployer = developmentAccount(0);
const stranger = developmentAccount(5);
const role = (name: string) => keccak256(stringToBytes(name));

let chain: LocalChain;
let network: Network;
let client: TestClient;
let snapshot: Hex;
/** Another deployment beside it. */
let other: Network;

beforeAll(async () => {
  chain = await startChain();
  network = chain.network;
  client = clientOf(network);
  other = await deployAgain();
  return () => chain.close();
});

beforeEach(async () => {
  snapshot = await client.snapshot();
  return () => client.revert({ id: snapshot });
});

describe("a deployment as it is made", () => {
  test("passes every check, also with an asset that was there before", async () => {
    const deployment = { ...chain.deployment, asset: network.asset };
    expect(wrong(await checkDeployment(client, { network: other, deployment }))).toEqual([]);
  });

  test("passes every check", async () => {
    const checks = await checkDeployment(client, chain);

    expect(checks.filter(({ isRight }) => !isRight)).toEqual([]);
    expect(checks.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["holders of DEFAULT_ADMIN_ROLE", "StakedMill.owner", "Market.vault"]),
    );
  });
});

describe("a key that is left over is found:", () => {
  test("an admin of the timelock", async () => {
    await callAs(client, network.timelock, timelock("grantRole", [zeroHash, deployer.address]));
    await expectFindings(["holders of DEFAULT_ADMIN_ROLE"]);
  });

  test.each(["CANCELLER_ROLE", "EXECUTOR_ROLE"])("one more %s", async (name) => {
    await callAs(client, network.timelock, timelock("grantRole", [role(name), stranger.address]));
    await expectFindings([`holders of ${name}`]);
  });

  test("one more PROPOSER_ROLE", async () => {
    await callAs(client, network.timelock, timelock("grantRole", [role("PROPOSER_ROLE"), stranger.address]));
    await expectFindings(["holders of PROPOSER_ROLE", "who ever could propose"]);
  });

  test("a role that nobody knows", async () => {
    await callAs(client, network.timelock, timelock("grantRole", [role("BACK_DOOR"), stranger.address]));
    await expectFindings([`holders of ${role("BACK_DOOR")}`]);
  });

  test("an operation that a proposer left behind before they lost the role", async () => {
    const args = [role("PROPOSER_ROLE"), deployer.address] as const;
    await callAs(client, network.timelock, timelock("grantRole", args));
    await callAs(
      client,
      deployer.address,
      timelock("schedule", [network.timelock, 0n, "0x", zeroHash, zeroHash, 86_400n]),
    );
    await callAs(client, network.timelock, timelock("revokeRole", args));
    await expectFindings(["who ever could propose"]);
  });

  test("a governor that cannot propose", async () => {
    await callAs(client, network.timelock, timelock("revokeRole", [role("PROPOSER_ROLE"), network.governor]));
    await expectFindings(["holders of PROPOSER_ROLE"]);
  });

  test("an owner of staked MILL", async () => {
    await callAs(client, network.timelock, staked("transferOwnership", [deployer.address]));
    await expectFindings(["StakedMill.owner"]);
  });

  test("staked MILL without its Market", async () => {
    await callAs(client, network.timelock, staked("setLedger", [other.market]));
    await expectFindings(["StakedMill.ledger"]);
  });

  test("a guardian that was not meant", async () => {
    await callAs(client, network.timelock, {
      address: network.parameters,
      abi: parametersAbi,
      functionName: "setGuardian",
      args: [deployer.address],
    });
    await expectFindings(["Parameters.guardian"]);
  });

  test("votes of the deployer", async () => {
    const { millHolder } = chain.deployment;
    await callAs(client, millHolder, mill("transfer", [deployer.address, 1n]));
    await expectFindings([`MILL of the deployer ${deployer.address}`, `MILL of ${millHolder}`]);
  });

  test("votes of the deployer, staked or on their way out", async () => {
    const { millHolder } = chain.deployment;
    await callAs(client, millHolder, mill("transfer", [deployer.address, 2n]));
    await callAs(client, deployer.address, mill("approve", [network.stakedMill, 2n]));
    await callAs(client, deployer.address, staked("stake", [2n]));
    await callAs(client, deployer.address, staked("beginExit", [1n]));
    const [finding] = await expectFindings([`MILL of the deployer ${deployer.address}`, "MILL of"]);
    expect(finding!.found).toBe("2");
  });
});

describe("a contract that is not the one meant is found:", () => {
  test.each([
    [
      "market",
      [
        "Market.parameters",
        "Market.vault",
        "Market.faults",
        "Market.court",
        "Market.backers",
        "Backers.market",
        "Faults.market",
        "Court.market",
        "StakedMill.ledger",
      ],
    ],
    ["parameters", ["Parameters.timelock", "Market.parameters"]],
    ["faults", ["Faults.market", "Market.faults"]],
    ["court", ["Court.market", "Market.court", "Court.backers"]],
    ["backers", ["Backers.market", "Market.backers", "Court.backers"]],
    ["mill", ["StakedMill.mill"]],
    [
      "stakedMill",
      ["StakedMill.owner", "StakedMill.mill", "StakedMill.ledger", "Market.vault", "MillraceGovernor.token"],
    ],
    [
      "governor",
      ["MillraceGovernor.t", "holders of PROPOSER", "holders of CANCELLER", "who ever could propose"],
    ],
    [
      "timelock",
      [
        "holders of PROPOSER",
        "holders of CANCELLER",
        "who ever could propose",
        "Parameters.timelock",
        "StakedMill.owner",
        "MillraceGovernor.timelock",
      ],
    ],
  ] as const)("another %s", async (name, findings) => {
    await expectFindings(findings, { network: { ...network, [name]: other[name] } });
  });

  test("another asset", async () => {
    await expectFindings(["asset's decimals", "Market.asset", "StakedMill.asset"], {
      network: { ...network, asset: other.mill },
    });
  });

  test.each([
    "market",
    "modelRegistry",
    "parameters",
    "faults",
    "court",
    "backers",
    "mill",
    "stakedMill",
    "governor",
    "timelock",
  ] as const)("%s with other code, and nothing else is asked then", async (name) => {
    const code = (await client.getCode({ address: network[name] }))!;
    // The metadata at its end: the smallest change there is.
    await client.setCode({ address: network[name], bytecode: `${code.slice(0, -6)}ffffff` as Hex });
    await expectFindings([`code of ${name}`]);
  });

  test.each(["market", "asset"] as const)("%s without code", async (name) => {
    await expectFindings([`code of ${name}`], { network: { ...network, [name]: stranger.address } });
  });

  test("another chain", async () => {
    const checks = await checkDeployment(client, {
      network,
      deployment: { ...chain.deployment, chainId: 8453 },
    });
    expect(wrong(checks)).toEqual(["chain id"]);
  });
});

describe("a number that is not the one meant is found:", () => {
  test.each([
    ["feeBps", "first version's feeBps"],
    ["windowSeconds", "first version's windowSeconds"],
    ["minLotCollateral", "first version's minLotCollateral"],
  ] as const)("%s of the Market", async (field, what) => {
    const { deployment } = chain;
    const marketParameters = { ...deployment.marketParameters, [field]: 7 };
    const checks = await checkDeployment(client, {
      network,
      deployment: { ...deployment, marketParameters },
    });
    expect(wrong(checks)).toEqual([what]);
  });

  test.each([
    ["jurorFee", "first version's jurorFee"],
    ["minSeats", "first version's minSeats"],
    ["phaseSeconds", "first version's phaseSeconds"],
  ] as const)("%s of the court", async (field, what) => {
    const { deployment } = chain;
    const courtParameters = { ...deployment.courtParameters, [field]: 7 };
    const checks = await checkDeployment(client, {
      network,
      deployment: { ...deployment, courtParameters },
    });
    expect(wrong(checks)).toEqual([what]);
  });

  test("the phase, and each time of a vote", async () => {
    const deployment = {
      ...chain.deployment,
      minPhaseSeconds: 2,
      governance: {
        votingDelaySeconds: 2,
        votingPeriodSeconds: 61,
        // Also more than the cooldown can be.
        timelockDelaySeconds: 500,
        cooldownSeconds: 121,
        proposalThreshold: 1n,
      },
    };
    expect(wrong(await checkDeployment(client, { network, deployment }))).toEqual([
      "Parameters.minPhaseSeconds",
      "MillraceGovernor.votingDelay",
      "MillraceGovernor.votingPeriod",
      "MillraceGovernor.proposalThreshold",
      "StakedMill.cooldown",
      "StakedMill.cooldown, against a whole vote",
      "MillraceTimelock.getMinDelay",
    ]);
  });
});

// ---------------------------------------------------------------------------

const timelock = (functionName: string, args: readonly unknown[]): Call => ({
  address: network.timelock,
  abi: timelockAbi,
  functionName,
  args,
});
const staked = (functionName: string, args: readonly unknown[]): Call => ({
  address: network.stakedMill,
  abi: stakedMillAbi,
  functionName,
  args,
});
const mill = (functionName: string, args: readonly unknown[]): Call => ({
  address: network.mill,
  abi: millAbi,
  functionName,
  args,
});

/** A second deployment on the same chain, in the same asset. */
async function deployAgain(): Promise<Network> {
  const ignition = await mkdtemp(join(tmpdir(), "millrace-ignition-"));
  const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
  const paths = { ...hardhatConfig.paths, ignition };
  const hre = await createHardhatRuntimeEnvironment({ ...hardhatConfig, paths }, {}, projectRoot);
  const connection = await hre.network.create({ network: "localhost", override: { url: network.rpcUrl } });
  try {
    const contracts = await deployContracts(connection, { ...chain.deployment, asset: network.asset });
    return { ...network, ...contracts };
  } finally {
    await connection.close();
    await rm(ignition, { recursive: true, force: true });
  }
}

const wrong = (checks: Awaited<ReturnType<typeof checkDeployment>>) =>
  checks.filter(({ isRight }) => !isRight).map(({ what }) => what);

/** Expects a finding that begins with each of these words, and no others. */
async function expectFindings(
  expected: readonly string[],
  { network: described = network }: { network?: Network } = {},
) {
  const checks = await checkDeployment(client, { network: described, deployment: chain.deployment });
  const found = wrong(checks);
  for (const words of expected) expect(found).toContainEqual(expect.stringMatching(`^${words}`));
  for (const what of found)
    expect(
      expected.some((words) => what.startsWith(words)),
      what,
    ).toBe(true);
  return checks.filter(({ isRight }) => !isRight);
}
