import { timelockAbi } from "@millrace/protocol";
import {
  type Address,
  getAddress,
  type Hex,
  keccak256,
  type PublicClient,
  parseEventLogs,
  stringToBytes,
  zeroHash,
} from "viem";

const named: Record<string, Hex> = {
  DEFAULT_ADMIN_ROLE: zeroHash,
  PROPOSER_ROLE: keccak256(stringToBytes("PROPOSER_ROLE")),
  CANCELLER_ROLE: keccak256(stringToBytes("CANCELLER_ROLE")),
  EXECUTOR_ROLE: keccak256(stringToBytes("EXECUTOR_ROLE")),
};

/** Who has a role of the timelock, and who ever had it. */
export interface RoleHistory {
  name: string;
  members: Address[];
  /** Also those whose role was taken back. */
  everMembers: Address[];
  /** The role that may grant this one. */
  admin: Hex;
}

/** Every role that was ever granted by the timelock, by its events, checked against its present word. */
export async function readRoles(
  client: PublicClient,
  { timelock, deployBlock }: { timelock: Address; deployBlock: bigint },
): Promise<RoleHistory[]> {
  const contract = { address: timelock, abi: timelockAbi } as const;
  const logs = await client.getLogs({ address: timelock, fromBlock: deployBlock });
  const granted = new Map<Hex, Set<Address>>(Object.values(named).map((role) => [role, new Set()]));
  for (const { args } of parseEventLogs({ abi: timelockAbi, logs, eventName: "RoleGranted" })) {
    const accounts = granted.get(args.role) ?? new Set();
    granted.set(args.role, accounts.add(getAddress(args.account)));
  }
  return Promise.all(
    [...granted].map(async ([role, accounts]): Promise<RoleHistory> => {
      const everMembers = [...accounts];
      const [admin, ...has] = await Promise.all([
        client.readContract({ ...contract, functionName: "getRoleAdmin", args: [role] }),
        ...everMembers.map((account) =>
          client.readContract({ ...contract, functionName: "hasRole", args: [role, account] }),
        ),
      ]);
      const members = everMembers.filter((_, i) => has[i]);
      const name = Object.entries(named).find(([, hash]) => hash === role)?.[0] ?? role;
      return { name, members, everMembers, admin };
    }),
  );
}
