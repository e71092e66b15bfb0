import { Stack, Text } from "@mantine/core";
import type { CaseDetail } from "@millrace/protocol";
import { Address } from "../../components/Address.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { verdictWords } from "../../court/caseWords.ts";
import { formatRatio, voteRatio } from "../../court/voteRatio.ts";

const ordinals = ["First", "Second", "Third"];

/** Who was drawn, and what they voted once that is revealed. */
export function Juries({ juries }: Pick<CaseDetail, "juries">) {
  return (
    <>
      {juries.map(({ round, redraws, seats, median, verdict }) => (
        <Panel
          key={`${round}-${redraws}`}
          flush
          title={`${ordinals[round] ?? `${round + 1}.`} jury${redraws > 0 ? `, drawn again (${redraws})` : ""}`}
        >
          <Stack gap="xs">
            <Text size="sm" px="md">
              {median === undefined
                ? "Its votes are not all revealed yet."
                : `Median ${formatRatio(voteRatio(median))}: ${verdictWords[verdict ?? "none"].toLowerCase()}.`}
            </Text>
            <DataTable
              caption={`Jurors of the ${(ordinals[round] ?? "").toLowerCase()} jury`}
              rows={seats}
              rowKey={({ seatId }) => String(seatId)}
              columns={[
                { header: "Seat", cell: ({ seatId }) => seatId },
                { header: "Juror", cell: ({ owner }) => <Address address={owner} /> },
                { header: "Committed", cell: ({ committed }) => (committed ? "yes" : "not yet") },
                {
                  header: "Vote",
                  cell: ({ vote }) => (vote === undefined ? "not revealed" : formatRatio(voteRatio(vote))),
                  isNumber: true,
                },
              ]}
            />
          </Stack>
        </Panel>
      ))}
    </>
  );
}
