import {
  contractNames,
  developmentAccount,
  formatNetwork,
  localChainIds,
  type Network,
  networks,
  parseNetwork,
  refuseDevelopmentKey,
} from "@millrace/protocol";
import { describe, expect, test } from "vitest";

const network: Network = {
  name: "local",
  chainId: 31337,
  rpcUrl: "http://127.0.0.1:8545",
  market: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
  asset: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  modelRegistry: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  parameters: "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9",
  faults: "0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9",
  court: "0x8A791620dd6260079BF849Dc5567aDC3F2FdC318",
  backers: "0x610178dA211FEF7D417bC0e6FeD39F05609AD788",
  mill: "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707",
  stakedMill: "0x0165878A594ca255338adfa4d48449f69242Eb8F",
  governor: "0xa513E6E4b8f2a923D98304ec87F64353C4D5C853",
  timelock: "0x2279B7A0a67DB372996a5FaB50D91eAA73d2eBe6",
  deployBlock: 2n ** 60n,
  relays: ["http://127.0.0.1:1", "https://relay.example/"],
};

describe("parseNetwork", () => {
  test.each(contractNames)("needs the address of %s", (field) => {
    const { [field]: _, ...rest } = JSON.parse(formatNetwork(network));
    expect(() => parseNetwork(JSON.stringify(rest))).toThrow(
      expect.objectContaining({ code: "invalid-network" }),
    );
  });

  test("reads what formatNetwork wrote", () => {
    expect(parseNetwork(formatNetwork(network))).toEqual(network);
    expect(parseNetwork(formatNetwork({ ...network, relays: [] })).relays).toEqual([]);
  });

  test.each([
    ["name", 5],
    ["rpcUrl", null],
    ["market", "0x12"],
    ["asset", "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e1"],
    ["modelRegistry", undefined],
    ["chainId", "31337"],
    ["chainId", 1.5],
    ["deployBlock", 5],
    ["deployBlock", "-1"],
    ["deployBlock", "0x10"],
    ["relays", "http://127.0.0.1:1"],
    ["relays", ["not a url"]],
    ["relays", undefined],
  ])("refuses %s %j", (field, value) => {
    const json = JSON.stringify({ ...JSON.parse(formatNetwork(network)), [field]: value });
    expect(() => parseNetwork(json)).toThrow(expect.objectContaining({ code: "invalid-network" }));
  });

  test.each(["", "{", "null", "[]", '"text"', "5"])("refuses the text %j", (json) => {
    expect(() => parseNetwork(json)).toThrow(expect.objectContaining({ code: "invalid-network" }));
  });
});

describe("public networks", () => {
  test("have the name and the chain they are listed under, and no development keys", () => {
    for (const [name, listed] of Object.entries(networks)) {
      expect(listed.name).toBe(name);
      expect(localChainIds).not.toContain(listed.chainId);
    }
  });
});

describe("refuseDevelopmentKey", () => {
  const { address } = developmentAccount(0);

  test.each([1, 8453, 42161])("refuses every one of them on chain %d", (chainId) => {
    for (const index of [0, 1, 19]) {
      expect(() => refuseDevelopmentKey(chainId, developmentAccount(index).address)).toThrow(
        expect.objectContaining({ code: "development-key" }),
      );
    }
    const lower = address.toLowerCase() as typeof address;
    expect(() => refuseDevelopmentKey(chainId, lower)).toThrow(
      expect.objectContaining({ code: "development-key" }),
    );
  });

  test("lets them work on local chains, and others anywhere", () => {
    for (const chainId of localChainIds) refuseDevelopmentKey(chainId, address);
    refuseDevelopmentKey(8453, network.market);
  });

  test("knows them as every tool does", () => {
    expect(address).toBe("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    expect(developmentAccount(1).address).toBe("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
  });
});
