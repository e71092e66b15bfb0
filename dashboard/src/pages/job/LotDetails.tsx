import { Anchor, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { OpenedJob } from "@millrace/client";
import type { IndexedLot } from "@millrace/protocol";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { isAddressEqual } from "viem";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { formatCount } from "../../components/formats.ts";
import { Hash } from "../../components/Hash.tsx";
import { Prices } from "../../components/Prices.tsx";
import { Time } from "../../components/Time.tsx";
import { useNow } from "../../market/useNow.ts";
import { useWallet } from "../../market/useWallet.ts";
import { LotActions } from "./LotActions.tsx";

/**
 * All that is known of a lot, and what can be done about it.
 *
 * @param onChain its job by the chain, which alone tells what can be done; undefined while that is read
 */
export function LotDetails({ lot, onChain }: { lot: IndexedLot; onChain: OpenedJob | undefined }) {
  const { address } = useWallet();
  const view = onChain?.lots.get(lot.lotId);
  const { commitment, settled } = lot;
  const now = useNow();
  return (
    <Stack gap="md">
      <SimpleGrid minColWidth="220px" spacing="md" verticalSpacing="xs" type="container">
        <Fact label="Lot">
          <Hash hash={lot.lotId} what="lot id" />
        </Fact>
        <Fact label="Provider">
          <Address address={lot.provider} to={`/providers/${lot.provider}`} />
        </Fact>
        <Fact label="Prices per 10⁶ tokens">
          <Prices prices={lot} />
        </Fact>
        <Fact label="Locked for it">
          <Amount value={lot.escrow} />
        </Fact>
        <Fact label="Provider's collateral">
          <Amount value={lot.collateral} />
        </Fact>
        <Fact label="Assigned">
          <Time seconds={lot.assignedAt.time} />
        </Fact>
        <Fact label={now > lot.deadline ? "Was due" : "Due"}>
          <Time seconds={lot.deadline} />
        </Fact>
        {commitment && (
          <>
            <Fact label="Committed">
              <Time seconds={commitment.at.time} />
            </Fact>
            <Fact label="Receipts' root">
              <Hash hash={commitment.root} what="root" />
            </Fact>
            <Fact label="Results' hash">
              <Hash hash={commitment.resultsHash} what="hash" />
            </Fact>
            <Fact label="Tokens, prompt / output">
              {formatCount(commitment.promptTokens)} / {formatCount(commitment.outputTokens)}
            </Fact>
            <Fact label="Items that failed">{formatCount(commitment.errors)}</Fact>
            <Fact label="Due by that, before the fee">
              <Amount value={commitment.due} />
            </Fact>
          </>
        )}
        {settled && (
          <>
            <Fact label="Paid">
              <Amount value={settled.paid} />
            </Fact>
            <Fact label="Fee">
              <Amount value={settled.fee} />
            </Fact>
            <Fact label="Back to the buyer">
              <Amount value={settled.refund} />
            </Fact>
          </>
        )}
      </SimpleGrid>
      {lot.cases > 0 && (
        <Text size="sm">
          {lot.cases === 1 ? "There is a case" : `There are ${lot.cases} cases`} about this lot:{" "}
          <Anchor component={Link} to={`/disputes?lot=${lot.lotId}`} underline="always">
            see the disputes
          </Anchor>
          .
        </Text>
      )}
      {onChain && !view && (
        <Text size="sm" c="var(--mantine-color-error)">
          The chain has no such lot: the indexer that this page asked is wrong.
        </Text>
      )}
      {view && (
        <Group gap="xs">
          <LotActions
            view={view}
            isBuyer={address !== undefined && isAddressEqual(address, view.lot.buyer)}
          />
        </Group>
      )}
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="div" size="sm">
        {children}
      </Text>
    </div>
  );
}
