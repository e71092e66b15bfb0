import { Stack, Text, Title } from "@mantine/core";
import {
  type GovernedParameters,
  type ParameterField,
  parameterBounds,
  parameterWords,
  wordParameter,
} from "@millrace/client";
import { DataTable } from "../../components/DataTable.tsx";
import { useAsset } from "../../market/useAsset.ts";
import { parameterGroups } from "./parameterGroups.ts";

/** The numbers in force, in words, and between what a vote can move them. */
export function ParametersTable({ governed }: { governed: GovernedParameters }) {
  const asset = useAsset();
  const values = { ...governed.market, ...governed.court };
  const bounds = parameterBounds(governed, governed);
  const say = (field: ParameterField, value: number | bigint) => wordParameter(field, value, asset);
  return (
    <Stack gap="xs">
      {parameterGroups.map(({ title, fields }) => (
        <div key={title}>
          <Title order={3} px="md" pt="xs">
            {title}
          </Title>
          <DataTable
            caption={`${title} numbers`}
            rows={fields}
            rowKey={(field) => field}
            minWidth={480}
            columns={[
              {
                header: "Number",
                cell: (field) => (
                  <>
                    <Text size="sm" fw={500}>
                      {parameterWords[field].name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {parameterWords[field].meaning}
                    </Text>
                  </>
                ),
              },
              { header: "In force", cell: (field) => say(field, values[field]), isNumber: true },
              {
                header: "A vote can choose",
                cell: (field) => `${say(field, bounds[field].min)} to ${say(field, bounds[field].max)}`,
                isNumber: true,
              },
            ]}
          />
        </div>
      ))}
    </Stack>
  );
}
