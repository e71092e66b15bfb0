import { Group, Progress, Stack, Text } from "@mantine/core";
import type { ProposalDetail } from "@millrace/protocol";
import { Amount } from "../../components/Amount.tsx";
import { formatShare } from "../../components/formats.ts";
import { useProposalState } from "./useProposalState.ts";

const sides = [
  { key: "votesFor", label: "For", color: "teal" },
  { key: "votesAgainst", label: "Against", color: "red" },
  { key: "votesAbstain", label: "Abstain", color: "gray" },
] as const;

/** How a vote stands: each side, and whether enough of all MILL takes part. */
export function Tally({ proposal }: { proposal: ProposalDetail }) {
  const { data: state } = useProposalState(proposal.proposalId);
  const amounts = sides.map(({ key }) => BigInt(proposal[key]));
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  // The Governor counts those who abstain as present.
  const present = BigInt(proposal.votesFor) + BigInt(proposal.votesAbstain);
  const share = (amount: bigint, whole: bigint) =>
    whole === 0n ? 0 : Number((amount * 10_000n) / whole) / 100;
  return (
    <Stack gap="sm">
      {sides.map(({ key, label, color }, index) => (
        <div key={key}>
          <Group justify="space-between">
            <Text size="sm">{label}</Text>
            <Text size="sm">
              <Amount value={amounts[index]!} of="mill" /> ({formatShare(share(amounts[index]!, total), 100)})
            </Text>
          </Group>
          <Progress
            value={share(amounts[index]!, total)}
            color={color}
            size="sm"
            aria-label={`Share of votes: ${label}`}
          />
        </div>
      ))}
      {state && (
        <div>
          <Group justify="space-between">
            <Text size="sm">Quorum, for or abstaining</Text>
            <Text size="sm">
              <Amount value={present} of="mill" /> of <Amount value={state.quorum} of="mill" />
            </Text>
          </Group>
          <Progress
            value={Math.min(100, share(present, state.quorum))}
            size="sm"
            aria-label="Share of the quorum"
          />
        </div>
      )}
    </Stack>
  );
}
