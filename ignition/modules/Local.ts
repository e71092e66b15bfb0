import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Everything a local network needs: a worthless asset with six decimals, the Market in it, the model registry. */
export default buildModule("Local", (m) => {
  const asset = m.contract("TestUSD");
  const market = m.contract("Market", [asset, m.getParameter("marketParameters")]);
  const modelRegistry = m.contract("ModelRegistry");
  return { asset, market, modelRegistry };
});
