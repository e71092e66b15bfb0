import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { addContracts } from "./addContracts.ts";

/** Everything that a local network needs: also a worthless asset with six decimals. */
export default buildModule("Local", (m) => {
  const asset = m.contract("TestUSD");
  return { asset, ...addContracts(m, asset) };
});
