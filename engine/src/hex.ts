/** Bytes, as viem writes them; all of viem that this package would need. */
export type Hex = `0x${string}`;
