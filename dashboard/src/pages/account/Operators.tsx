import { Text } from "@mantine/core";
import type { AccountDetail } from "@millrace/protocol";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { formatDuration } from "../../components/formats.ts";
import { Panel } from "../../components/Panel.tsx";
import { useAction } from "../../market/useAction.tsx";
import { OperatorForm } from "./OperatorForm.tsx";

type Operator = AccountDetail["operators"][number];

/** Keys that may act for the account within limits, and never withdraw. */
export function Operators({ operators }: { operators: readonly Operator[] }) {
  return (
    <Panel title="Operators" flush={operators.length > 0}>
      {operators.length > 0 && (
        <DataTable
          caption="Operators"
          rows={operators}
          rowKey={({ operator, role }) => `${operator} ${role}`}
          minWidth={600}
          columns={[
            { header: "Key", cell: ({ operator }) => <Address address={operator} /> },
            { header: "Acts as", cell: ({ role }) => role },
            {
              header: "At most",
              isNumber: true,
              cell: ({ amount, periodSeconds }) => (
                <>
                  <Amount value={amount} /> {periodSeconds ? `in ${formatDuration(periodSeconds)}` : "locked"}
                </>
              ),
            },
            { header: "Change", isNumber: true, cell: (operator) => <End operator={operator} /> },
          ]}
        />
      )}
      <OperatorForm isInset={operators.length > 0} />
    </Panel>
  );
}

function End({ operator: { operator, role } }: { operator: Operator }) {
  const end = useAction({
    title: "End operator",
    run: (millrace, _: true) =>
      role === "provider"
        ? millrace.account.setProviderOperator({ operator, collateralCap: 0n })
        : millrace.account.setBuyerOperator({ operator, allowance: 0n, periodSeconds: 0 }),
  });
  return (
    <ActionButton label="End" size="compact-xs" isDangerous action={end} options={true}>
      <Text>
        <Address address={operator} hideCopy /> can no longer act for you as a {role}. What it did stays.
      </Text>
    </ActionButton>
  );
}
