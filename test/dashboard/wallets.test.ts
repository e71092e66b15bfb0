import { developmentAccount } from "@millrace/protocol";
import { beforeEach, expect, test, vi } from "vitest";
import { developmentProvider } from "../../dashboard/src/market/developmentProvider.ts";
import { createWallets, isDevelopmentWallet } from "../../dashboard/src/market/wallets.ts";
import { network } from "./fixture.ts";

/** As browsers keep it; Node has none. */
beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  return () => vi.unstubAllGlobals();
});

test("development accounts are offered on local chains", () => {
  const { connectors } = createWallets(network);
  expect(connectors.map(({ name }) => name)).toContain("Buyer");
  expect(connectors.every(({ id }) => isDevelopmentWallet(id))).toBe(true);
});

test("development accounts are neither offered nor to be had on other chains", () => {
  const base = { ...network, chainId: 8_453 };
  expect(createWallets(base).connectors).toEqual([]);
  expect(() => developmentProvider(base, 0)).toThrow(expect.objectContaining({ code: "development-key" }));
});

test("a development wallet signs typed data that comes as JSON, as wallets are given it", async () => {
  const wallet = developmentProvider(network, 0);
  const { address } = developmentAccount(0);
  await wallet.request({ method: "eth_requestAccounts" });
  const typed = {
    domain: { name: "Test", chainId: 31_337 },
    types: { EIP712Domain: [], Note: [{ name: "value", type: "uint256" }] },
    primaryType: "Note",
    message: { value: "340282366920938463463374607431768211456" },
  } as const;
  const signature = await wallet.request({
    method: "eth_signTypedData_v4",
    params: [address, JSON.stringify(typed)],
  });
  const expected = await developmentAccount(0).signTypedData({
    ...typed,
    message: { value: 2n ** 128n },
  });
  expect(signature).toBe(expected);
});

test.each([
  "eth_sendTransaction",
  "eth_sendRawTransaction",
  "eth_signTypedData_v4",
  "eth_sign",
  "personal_sign",
])("a development wallet that was disconnected refuses %s", async (method) => {
  const wallet = developmentProvider(network, 0);
  const sign = () => wallet.request({ method, params: [] } as never);
  await expect(sign()).rejects.toMatchObject({ code: 4100 });
  await wallet.request({ method: "eth_requestAccounts" });
  await wallet.request({ method: "wallet_revokePermissions" } as never);
  await expect(sign()).rejects.toMatchObject({ code: 4100 });
});

test("a development wallet stays on its chain", async () => {
  const wallet = developmentProvider(network, 0);
  const switchTo = (chainId: `0x${string}`) =>
    wallet.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
  await expect(switchTo("0x7a69")).resolves.toBeNull();
  await expect(switchTo("0x1")).rejects.toMatchObject({ code: 4902 });
});
