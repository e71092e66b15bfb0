import { Alert, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { governorAbi, type ProposalDetail } from "@millrace/protocol";
import { useState } from "react";
import { isAddressEqual } from "viem";
import { useReadContract } from "wagmi";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { Time } from "../../components/Time.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useMarket } from "../../market/useMarket.ts";
import { useNow } from "../../market/useNow.ts";
import { useWallet } from "../../market/useWallet.ts";
import { useProposalState } from "./useProposalState.ts";

type Support = "for" | "against" | "abstain";

/** What can be done about a proposal now, and why nothing else. */
export function ProposalActions({ proposal }: { proposal: ProposalDetail }) {
  const { proposalId, proposer, voteStart, eta } = proposal;
  const { address } = useWallet();
  const { data } = useProposalState(proposalId);
  const now = useNow();
  if (!data) return null;
  const isProposer = address !== undefined && isAddressEqual(address, proposer);
  switch (data.state) {
    case "pending":
      return (
        <Stack gap="sm">
          <Text>
            The vote begins <Time seconds={voteStart} />.
          </Text>
          {isProposer && <Cancel proposalId={proposalId} />}
        </Stack>
      );
    case "active":
      return <Vote proposal={proposal} snapshot={data.snapshot} />;
    case "succeeded":
      return <Queue proposalId={proposalId} />;
    case "queued":
      // The Governor knows that it is queued before the indexer tells until when.
      if (eta === undefined) return <Text>It is queued.</Text>;
      return now >= eta ? (
        <Execute proposalId={proposalId} />
      ) : (
        <Text>
          It may be executed <Time seconds={eta} />.
        </Text>
      );
    case "defeated":
      return <Text>It did not pass: more were against it than for it, or the quorum was missed.</Text>;
    case "executed":
      return <Text>It is in force.</Text>;
    case "cancelled":
    case "expired":
      return <Text>Nothing comes of it.</Text>;
  }
}

/** @param snapshot when votes are counted, Unix seconds */
function Vote({ proposal: { proposalId, votes }, snapshot }: { proposal: ProposalDetail; snapshot: bigint }) {
  const { address } = useWallet();
  const { network } = useMarket();
  const [support, setSupport] = useState<Support>("for");
  const [reason, setReason] = useState("");
  const { data: weight } = useReadContract({
    address: network.governor,
    abi: governorAbi,
    functionName: "getVotes",
    ...(address && { args: [address, snapshot] as const }),
    query: { enabled: address !== undefined },
  });
  const action = useAction({
    title: "Vote",
    run: (millrace, _: true) =>
      millrace.governance.vote({ proposalId: BigInt(proposalId), support, ...(reason && { reason }) }),
    done: () => "Your vote counts.",
  });
  const own = address && votes.find(({ voter }) => isAddressEqual(voter, address));
  if (own) {
    return (
      <Text>
        You voted {own.support}, with <Amount value={own.weight} of="mill" />. A vote cannot be changed.
      </Text>
    );
  }
  const hasVotes = weight === undefined || weight > 0n;
  return (
    <Stack gap="sm" maw={480}>
      <Radio.Group label="Your vote" value={support} onChange={(value) => setSupport(value as Support)}>
        <Group mt={6} gap="lg">
          <Radio value="for" label="For" />
          <Radio value="against" label="Against" />
          <Radio value="abstain" label="Abstain" />
        </Group>
      </Radio.Group>
      <TextInput
        label="Reason"
        description="Optional; it stays on the chain"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
      />
      {!hasVotes && (
        <Alert variant="light" color="gray" title="You have no votes in this one">
          Stakes count as they were when the vote began.
        </Alert>
      )}
      <div>
        <ActionButton label="Vote" action={action} options={hasVotes ? (true as const) : undefined}>
          <Text>
            You vote {support} with{" "}
            {weight === undefined ? "your stake" : <Amount value={weight} of="mill" />}. A vote cannot be
            changed.
          </Text>
        </ActionButton>
      </div>
    </Stack>
  );
}

function Queue({ proposalId }: { proposalId: string }) {
  const action = useAction({
    title: "Queue",
    run: (millrace, id: bigint) => millrace.governance.queue({ proposalId: id }),
    done: () => "It can be executed once the notice is over.",
  });
  return (
    <Stack gap="sm" align="flex-start">
      <Text>It has passed. Anyone may queue it; then everyone has notice before it comes into force.</Text>
      <ActionButton label="Queue" action={action} options={BigInt(proposalId)}>
        <Text>The proposal goes to the timelock.</Text>
      </ActionButton>
    </Stack>
  );
}

function Execute({ proposalId }: { proposalId: string }) {
  const action = useAction({
    title: "Execute",
    run: (millrace, id: bigint) => millrace.governance.execute({ proposalId: id }),
    done: () => "It is in force.",
  });
  return (
    <Stack gap="sm" align="flex-start">
      <Text>The notice is over. Anyone may execute it.</Text>
      <ActionButton label="Execute" action={action} options={BigInt(proposalId)}>
        <Text>What the proposal says comes into force. Jobs that are open keep their version.</Text>
      </ActionButton>
    </Stack>
  );
}

function Cancel({ proposalId }: { proposalId: string }) {
  const action = useAction({
    title: "Cancel the proposal",
    run: (millrace, id: bigint) => millrace.governance.cancel({ proposalId: id }),
    done: () => "It is cancelled.",
  });
  return (
    <div>
      <ActionButton label="Cancel the proposal" action={action} options={BigInt(proposalId)} isDangerous>
        <Text>The proposal ends before its vote begins. It can be made again.</Text>
      </ActionButton>
    </div>
  );
}
