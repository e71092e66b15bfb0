import {
  backersAbi,
  type CourtParameters,
  courtAbi,
  faultsAbi,
  governorAbi,
  type MarketParameters,
  marketAbi,
  millAbi,
  type Network,
  parametersAbi,
  stakedMillAbi,
  testUsdAbi,
  timelockAbi,
} from "@millrace/protocol";
import { type Address, type PublicClient, zeroAddress, zeroHash } from "viem";
import { isOurCode } from "./codeCheck.ts";
import type { Deployment } from "./deployments.ts";
import { type RoleHistory, readRoles } from "./roles.ts";

/** One thing that must hold of a deployment. */
export interface Check {
  /** What was looked at, such as `Market.vault`. */
  what: string;
  expected: string;
  found: string;
  isRight: boolean;
}

const ASSET_DECIMALS = 6;

/**
 * Reads a fresh deployment back from its chain and proves that it is what was meant: our own code, wired to itself, with
 * the numbers of `deployment`, and no key left over that could change any of it. Everything is derived from the chain;
 * of the network's description nothing but the addresses is believed.
 *
 * Once votes have been held, what they changed (the guardian, roles) rightly differs from what was deployed.
 */
export async function checkDeployment(
  client: PublicClient,
  { network, deployment }: { network: Network; deployment: Deployment },
): Promise<Check[]> {
  const chain = check("chain id", await client.getChainId(), deployment.chainId);
  const code = await checkCode(client, network);
  // Nothing else can be asked of what is not there.
  if ([chain, ...code].some(({ isRight }) => !isRight)) return [chain, ...code];
  const roles = await readRoles(client, network);
  const parts = await Promise.all([
    checkMarket(client, network, deployment),
    checkParameters(client, network, deployment),
    checkGovernance(client, network, deployment),
    checkTimelock(client, network, { deployment, roles }),
    checkMill(client, network, { deployment, roles }),
  ]);
  return [chain, ...code, ...parts.flat()];
}

async function checkCode(client: PublicClient, network: Network): Promise<Check[]> {
  const ours = [
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
  ];
  const names = ours as Parameters<typeof isOurCode>[0][];
  const checks = names.map(async (name) => {
    const code = await client.getCode({ address: network[name] });
    const found = code === undefined ? "none" : isOurCode(name, code) ? "ours" : "another";
    return check(`code of ${name}`, found, "ours");
  });
  const asset = client.getCode({ address: network.asset });
  return [
    ...(await Promise.all(checks)),
    check("code of asset", (await asset) === undefined ? "none" : "some", "some"),
  ];
}

async function checkMarket(client: PublicClient, network: Network, deployment: Deployment): Promise<Check[]> {
  const market = { address: network.market, abi: marketAbi } as const;
  const [asset, parameters, vault, faults, court, decimals] = await Promise.all([
    client.readContract({ ...market, functionName: "asset" }),
    client.readContract({ ...market, functionName: "parameters" }),
    client.readContract({ ...market, functionName: "vault" }),
    client.readContract({ ...market, functionName: "faults" }),
    client.readContract({ ...market, functionName: "court" }),
    client.readContract({ address: network.asset, abi: testUsdAbi, functionName: "decimals" }),
  ]);
  const functionName = "market";
  const [ofFaults, ofCourt, ofBackers, backers, excluded] = await Promise.all([
    client.readContract({ address: network.faults, abi: faultsAbi, functionName }),
    client.readContract({ address: network.court, abi: courtAbi, functionName }),
    client.readContract({ address: network.backers, abi: backersAbi, functionName }),
    client.readContract({ ...market, functionName: "backers" }),
    client.readContract({ address: network.court, abi: courtAbi, functionName: "backers" }),
  ]);
  return [
    check("Market.asset", asset, deployment.asset ?? network.asset),
    check("Market.parameters", parameters, network.parameters),
    check("Market.vault", vault, network.stakedMill),
    check("Market.faults", faults, network.faults),
    check("Market.court", court, network.court),
    check("Faults.market", ofFaults, network.market),
    check("Court.market", ofCourt, network.market),
    check("Market.backers", backers, network.backers),
    check("Court.backers", excluded, network.backers),
    check("Backers.market", ofBackers, network.market),
    check("asset's decimals", decimals, ASSET_DECIMALS),
  ];
}

async function checkParameters(
  client: PublicClient,
  network: Network,
  deployment: Deployment,
): Promise<Check[]> {
  const contract = { address: network.parameters, abi: parametersAbi } as const;
  const [timelock, guardian, phase, first, firstCourt] = await Promise.all([
    client.readContract({ ...contract, functionName: "timelock" }),
    client.readContract({ ...contract, functionName: "guardian" }),
    client.readContract({ ...contract, functionName: "minPhaseSeconds" }),
    client.readContract({ ...contract, functionName: "ofVersion", args: [1] }),
    client.readContract({ ...contract, functionName: "courtOfVersion", args: [1] }),
  ]);
  const fields = Object.keys(deployment.marketParameters) as (keyof MarketParameters)[];
  const courtFields = Object.keys(deployment.courtParameters) as (keyof CourtParameters)[];
  return [
    check("Parameters.timelock", timelock, network.timelock),
    check("Parameters.guardian", guardian, deployment.guardian),
    check("Parameters.minPhaseSeconds", phase, deployment.minPhaseSeconds),
    ...fields.map((field) =>
      check(`first version's ${field}`, first[field], deployment.marketParameters[field]),
    ),
    ...courtFields.map((field) =>
      check(`first version's ${field}`, firstCourt[field], deployment.courtParameters[field]),
    ),
  ];
}

async function checkGovernance(
  client: PublicClient,
  network: Network,
  { governance }: Deployment,
): Promise<Check[]> {
  const governor = { address: network.governor, abi: governorAbi } as const;
  const staked = { address: network.stakedMill, abi: stakedMillAbi } as const;
  const [token, timelock, delay, period, threshold, owner, mill, asset, cooldown, ledger] = await Promise.all(
    [
      client.readContract({ ...governor, functionName: "token" }),
      client.readContract({ ...governor, functionName: "timelock" }),
      client.readContract({ ...governor, functionName: "votingDelay" }),
      client.readContract({ ...governor, functionName: "votingPeriod" }),
      client.readContract({ ...governor, functionName: "proposalThreshold" }),
      client.readContract({ ...staked, functionName: "owner" }),
      client.readContract({ ...staked, functionName: "mill" }),
      client.readContract({ ...staked, functionName: "asset" }),
      client.readContract({ ...staked, functionName: "cooldown" }),
      client.readContract({ ...staked, functionName: "ledger" }),
    ],
  );
  const vote = delay + period + BigInt(governance.timelockDelaySeconds);
  return [
    check("MillraceGovernor.token", token, network.stakedMill),
    check("MillraceGovernor.timelock", timelock, network.timelock),
    check("MillraceGovernor.votingDelay", delay, governance.votingDelaySeconds),
    check("MillraceGovernor.votingPeriod", period, governance.votingPeriodSeconds),
    check("MillraceGovernor.proposalThreshold", threshold, governance.proposalThreshold),
    check("StakedMill.owner", owner, network.timelock),
    check("StakedMill.mill", mill, network.mill),
    check("StakedMill.asset", asset, network.asset),
    check("StakedMill.ledger", ledger, network.market),
    check("StakedMill.cooldown", cooldown, governance.cooldownSeconds),
    {
      what: "StakedMill.cooldown, against a whole vote",
      expected: `at least ${vote}`,
      found: String(cooldown),
      isRight: cooldown >= vote,
    },
  ];
}

async function checkTimelock(
  client: PublicClient,
  network: Network,
  { deployment, roles }: { deployment: Deployment; roles: readonly RoleHistory[] },
): Promise<Check[]> {
  const delay = await client.readContract({
    address: network.timelock,
    abi: timelockAbi,
    functionName: "getMinDelay",
  });
  const holders: Record<string, readonly Address[]> = {
    DEFAULT_ADMIN_ROLE: [network.timelock],
    PROPOSER_ROLE: [network.governor],
    CANCELLER_ROLE: [network.governor],
    // Open to everyone.
    EXECUTOR_ROLE: [zeroAddress],
  };
  // Who could propose for a moment only may have left an operation behind that anyone can execute later.
  const proposers = roles.find(({ name }) => name === "PROPOSER_ROLE")?.everMembers ?? [];
  return [
    check("MillraceTimelock.getMinDelay", delay, deployment.governance.timelockDelaySeconds),
    ...roles.map(({ name, members }) =>
      check(`holders of ${name}`, list(members), list(holders[name] ?? [])),
    ),
    ...roles.map(({ name, admin }) => check(`admin of ${name}`, admin, zeroHash)),
    check("who ever could propose", list(proposers), list([network.governor])),
  ];
}

/** Votes are a key as well: none are left with who deployed. */
async function checkMill(
  client: PublicClient,
  network: Network,
  { deployment, roles }: { deployment: Deployment; roles: readonly RoleHistory[] },
): Promise<Check[]> {
  const mill = { address: network.mill, abi: millAbi } as const;
  const admins = roles.find(({ name }) => name === "DEFAULT_ADMIN_ROLE")?.everMembers ?? [];
  const deployers = admins.filter((account) => account !== network.timelock);
  const checks = deployers.map(async (account) => {
    const staked = { address: network.stakedMill, abi: stakedMillAbi } as const;
    const [free, voting, [cooling]] = await Promise.all([
      client.readContract({ ...mill, functionName: "balanceOf", args: [account] }),
      client.readContract({ ...staked, functionName: "balanceOf", args: [account] }),
      client.readContract({ ...staked, functionName: "exitOf", args: [account] }),
    ]);
    return check(`MILL of the deployer ${account}, staked or not`, free + voting + cooling, 0n);
  });
  const holder = deployment.millHolder;
  if (holder) {
    const held = client.readContract({ ...mill, functionName: "balanceOf", args: [holder] });
    const supply = client.readContract({ ...mill, functionName: "totalSupply" });
    checks.push(Promise.all([held, supply]).then(([has, all]) => check(`MILL of ${holder}`, has, all)));
  }
  return Promise.all(checks);
}

const list = (accounts: readonly Address[]) => accounts.toSorted().join(", ") || "nobody";

function check(what: string, found: string | number | bigint, expected: string | number | bigint): Check {
  const isRight = String(found).toLowerCase() === String(expected).toLowerCase();
  return { what, expected: String(expected), found: String(found), isRight };
}
