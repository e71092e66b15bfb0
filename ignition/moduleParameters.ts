import type { Address } from "viem";
import type { Deployment } from "./deployments.ts";

/** A deployment as the parameters of Ignition's modules. */
export function moduleParameters({
  minPhaseSeconds,
  guardian,
  millHolder,
  governance,
  marketParameters,
}: Deployment & { millHolder: Address }) {
  return { minPhaseSeconds, guardian, millHolder, ...governance, marketParameters: { ...marketParameters } };
}
