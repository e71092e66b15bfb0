import { type Contracts, contractNames } from "@millrace/protocol";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Address } from "viem";
import type { Deployment } from "./deployments.ts";
import LocalModule from "./modules/Local.ts";
import MillraceModule from "./modules/Millrace.ts";

type Connection = Awaited<ReturnType<HardhatRuntimeEnvironment["network"]["create"]>>;

/** A deployment of which it is said who has MILL at first. */
export type CompleteDeployment = Deployment & { millHolder: Address };

/**
 * Deploys everything, from the first account of the connection, and leaves nobody in charge but votes. Interrupted, the
 * same call goes on, given the same folder for Ignition's journal.
 *
 * @param deploymentId names the journal. Default: by the chain.
 */
export async function deployContracts(
  connection: Connection,
  deployment: CompleteDeployment,
  { deploymentId }: { deploymentId?: string } = {},
): Promise<Contracts> {
  const { asset, minPhaseSeconds, guardian, millHolder, governance, marketParameters, courtParameters } =
    deployment;
  const parameters = {
    minPhaseSeconds,
    guardian,
    millHolder,
    ...governance,
    marketParameters: { ...marketParameters },
    courtParameters: { ...courtParameters },
  };
  const options = deploymentId === undefined ? {} : { deploymentId };
  const deployed =
    asset === undefined
      ? await connection.ignition.deploy(LocalModule, { ...options, parameters: { Local: parameters } })
      : {
          ...(await connection.ignition.deploy(MillraceModule, {
            ...options,
            parameters: { Millrace: { ...parameters, asset } },
          })),
          asset: { address: asset },
        };
  // One for each name.
  return Object.fromEntries(
    contractNames.map((name) => [name, deployed[name].address]),
  ) as unknown as Contracts;
}
