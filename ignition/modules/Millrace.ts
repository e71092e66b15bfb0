import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { addContracts } from "./addContracts.ts";

/** Everything that is deployed where there is an asset already: its address is the parameter `asset`. */
export default buildModule("Millrace", (m) => addContracts(m, m.getParameter("asset")));
