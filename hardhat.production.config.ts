import { defineConfig } from "hardhat/config";
import config, { compiler, settings } from "./hardhat.config.ts";

// What is deployed, and what the gas and size snapshots measure: artifacts/, compiled by `npm run build`.
const production = {
  ...compiler,
  // All in one go: compiling each contract apart, as Hardhat would in this profile, takes twice as long.
  isolated: false,
  settings: { ...settings, viaIR: true },
};

export default defineConfig({
  ...config,
  // Ignition deploys from `production`, everything else builds `default`: one and the same here.
  solidity: { profiles: { default: production, production } },
  paths: { tests: { solidity: "test/contracts" } },
});
