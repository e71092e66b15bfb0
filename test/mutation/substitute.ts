import type { AccountOverride, Artifact } from "@nomicfoundation/edr";

/**
 * Tests hold the creation code of the contracts that they deploy. Rather than compile all tests again for each mutant,
 * which takes ten times as long as to compile the contract, that code is replaced once, by code that runs whatever
 * creation code lies at an address of its own. It runs it by delegatecall, so that the address, the storage, the sender
 * and the events of what it creates are those of the contract; only the gas is more.
 */
export interface Substitution {
  /** As it was compiled into the tests. */
  readonly original: string;
  /** Where the creation code to run instead will lie. */
  readonly address: string;
}

/** An address that nobody else has, for each contract of a target. */
export const addressOf = (index: number) =>
  (0x6d7574616e74n * 2n ** 16n + BigInt(index)).toString(16).padStart(40, "0");

/** What lies at the addresses. */
export const accountOf = (address: string, code: string): AccountOverride => ({
  address: Buffer.from(address, "hex"),
  code: Buffer.from(code.slice(2), "hex"),
});

/** The artifacts with every occurrence of the original codes replaced. Throws if there is none of one. */
export function substitute(
  artifacts: readonly Artifact[],
  substitutions: readonly Substitution[],
): Artifact[] {
  const replace = (code: string | undefined) =>
    substitutions.reduce(
      (text, { original, address }) => text?.replaceAll(original.slice(2), replacementOf(original, address)),
      code,
    );
  const isHeld = ({ original }: Substitution) =>
    artifacts.some(
      ({ contract }) => contract.bytecode !== original && contract.bytecode?.includes(original.slice(2)),
    );
  if (!substitutions.every(isHeld)) throw new Error("No test deploys the contract.");
  return artifacts.map(({ id, contract }) => {
    const { bytecode, deployedBytecode, ...others } = contract;
    const replaced = { bytecode: replace(bytecode)!, deployedBytecode: replace(deployedBytecode)! };
    return { id, contract: { ...others, ...replaced } };
  });
}

/** As long as the original, for the arguments of the constructor begin at its end. */
function replacementOf(original: string, address: string): string {
  const length = (original.length - 2) / 2;
  const end = length.toString(16).padStart(6, "0");
  // Creation code that returns all that follows its own 11 bytes.
  const deployer = "600b380380600b5f395ff3";
  const code = [
    `6a${deployer}60a81b5f52`, // mstore(0, deployer << 168)
    `73${address}3b`, // m := extcodesize(address)
    `805f600b73${address}3c`, // extcodecopy(address, 11, 0, m)
    `62${end}3803`, // a := codesize() - end
    `8062${end}83600b0139`, // codecopy(11 + m, end, a)
    "01600b015f5ff0", // it := create(0, 0, 11 + m + a)
    "5f5f5f5f845af4", // ok := delegatecall(gas(), it, 0, 0, 0, 0)
    "3d5f5f3e3d90", // returndatacopy(0, 0, returndatasize())
  ].join("");
  // if ok { return(0, returndatasize()) } revert(0, returndatasize())
  const target = (code.length / 2 + 5).toString(16).padStart(2, "0");
  const whole = `${code}60${target}575ffd5b5ff3`;
  if (whole.length > 2 * length) throw new Error("The contract is too small to be substituted.");
  return whole + original.slice(2 + whole.length);
}
