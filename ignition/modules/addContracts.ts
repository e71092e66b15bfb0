import type { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { keccak256, stringToBytes, zeroHash } from "viem";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
/** What a call can be given. */
type Argument = NonNullable<Parameters<Builder["call"]>[2]>[number];

/**
 * Everything but the asset, handed over to the timelock at once: at the end nobody but a vote can change anything.
 *
 * Read by the parameters `minPhaseSeconds`, `guardian`, `millHolder`, `marketParameters`, `courtParameters` and those of governance.
 */
export function addContracts(m: Builder, asset: Argument) {
  const deployer = m.getAccount(0);
  const mill = m.contract("Mill", [m.getParameter("millHolder")]);
  const timelock = m.contract("MillraceTimelock", [m.getParameter("timelockDelaySeconds"), deployer]);
  const stakedMill = m.contract("StakedMill", [mill, asset, m.getParameter("cooldownSeconds"), deployer]);
  const governor = m.contract("MillraceGovernor", [
    stakedMill,
    timelock,
    m.getParameter("votingDelaySeconds"),
    m.getParameter("votingPeriodSeconds"),
    m.getParameter("proposalThreshold"),
  ]);
  const parameters = m.contract("Parameters", [
    timelock,
    m.getParameter("guardian"),
    m.getParameter("minPhaseSeconds"),
    m.getParameter("marketParameters"),
    m.getParameter("courtParameters"),
  ]);
  const faults = m.contract("Faults");
  const backers = m.contract("Backers");
  const court = m.contract("Court", [backers]);
  // It binds all three for good.
  const market = m.contract("Market", [asset, parameters, stakedMill, faults, court, backers]);
  const modelRegistry = m.contract("ModelRegistry");

  const ledger = m.call(stakedMill, "setLedger", [market]);
  const ownership = m.call(stakedMill, "transferOwnership", [timelock], { after: [ledger] });
  const roles = (["PROPOSER_ROLE", "CANCELLER_ROLE"] as const).map((role) =>
    m.call(timelock, "grantRole", [keccak256(stringToBytes(role)), governor], { id: `grant_${role}` }),
  );
  // Last, so that whatever fails before it can be done again by the deployer.
  m.call(timelock, "renounceRole", [zeroHash, deployer], { after: [ownership, ...roles] });

  return { mill, timelock, stakedMill, governor, parameters, faults, court, backers, market, modelRegistry };
}
