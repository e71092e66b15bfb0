import { List, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import {
  type GovernedParameters,
  type ParameterField,
  parameterBounds,
  parameterWords,
  wordParameter,
} from "@millrace/client";
import type { CourtParameters, MarketParameters } from "@millrace/protocol";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Amount } from "../../components/Amount.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useAction } from "../../market/useAction.tsx";
import { useAsset } from "../../market/useAsset.ts";
import { useChain } from "../../market/useChain.ts";
import { useMarket } from "../../market/useMarket.ts";
import { useWallet } from "../../market/useWallet.ts";
import { editParameter, parameterUnit, readParameter } from "./parameterField.ts";
import { parameterGroups } from "./parameterGroups.ts";
import { untilListed } from "./untilListed.ts";

type Numbers = Partial<Record<ParameterField, number | bigint>>;

/** A form with every governed number, and what of them is to change. */
export function ProposeForm({ governed }: { governed: GovernedParameters }) {
  const asset = useAsset();
  const { address } = useWallet();
  const navigate = useNavigate();
  const { indexer } = useMarket();
  const [texts, setTexts] = useState<Partial<Record<ParameterField, string>>>({});
  const [title, setTitle] = useState("");
  const [reasons, setReasons] = useState("");
  const now: Record<ParameterField, number | bigint> = { ...governed.market, ...governed.court };
  const textOf = (field: ParameterField) => texts[field] ?? editParameter(field, BigInt(now[field]), asset);
  const { data: rules } = useChain(["rules"], (millrace) => millrace.governance.rules());
  const { data: position } = useChain(
    ["position", address],
    (millrace) => millrace.governance.position({ address: address! }),
    { enabled: address !== undefined },
  );

  /** With their own types: what fits a number is one. */
  const typed = (field: ParameterField, value: bigint) =>
    typeof now[field] === "bigint" ? value : Number(value);
  const read = (field: ParameterField) => readParameter(field, textOf(field), asset);
  const pick = (fields: readonly ParameterField[], onlyChanged: boolean): Numbers =>
    Object.fromEntries(
      fields.flatMap((field) => {
        const value = read(field) ?? BigInt(now[field]);
        return onlyChanged && value === BigInt(now[field]) ? [] : [[field, typed(field, value)]];
      }),
    );
  // By their fields, each group is of one of the two.
  const [market, court] = parameterGroups.map(({ fields }) => pick(fields, true)) as [
    Partial<MarketParameters>,
    Partial<CourtParameters>,
  ];
  const next = { market: { ...governed.market, ...market }, court: { ...governed.court, ...court } };
  const bounds = parameterBounds(next, governed);
  const problemOf = (field: ParameterField): string | undefined => {
    const value = read(field);
    if (value === undefined) return "This is not such a number.";
    const { min, max } = bounds[field];
    if (value >= min && value <= max) return undefined;
    return `From ${wordParameter(field, min, asset)} to ${wordParameter(field, max, asset)}.`;
  };
  const changed = Object.keys({ ...market, ...court }) as ParameterField[];
  const isValid = parameterGroups.every(({ fields }) =>
    fields.every((field) => problemOf(field) === undefined),
  );
  const lines = changed.map(
    (field) =>
      `${parameterWords[field].name}: ${wordParameter(field, now[field], asset)} → ${wordParameter(field, { ...market, ...court }[field]!, asset)}`,
  );
  const action = useAction({
    title: "Propose",
    run: async (millrace, draft: Parameters<typeof millrace.governance.propose>[0]) => {
      const { proposalId } = await millrace.governance.propose(draft);
      await untilListed(indexer, proposalId);
      await navigate(`/governance/${proposalId}`);
    },
    done: () => "The vote begins soon.",
  });
  const isShort = rules !== undefined && position !== undefined && position.votes < rules.proposalThreshold;
  const isReady = isValid && changed.length > 0 && title.trim() !== "" && !isShort;
  const description = reasons.trim() ? `${title.trim()}\n\n${reasons.trim()}` : title.trim();
  return (
    <>
      {parameterGroups.map(({ title: heading, fields }) => (
        <Panel key={heading} title={`${heading} numbers`}>
          <SimpleGrid minColWidth="240px" spacing="md" type="container">
            {fields.map((field) => (
              <TextInput
                key={field}
                label={parameterWords[field].name}
                description={parameterWords[field].meaning}
                value={textOf(field)}
                onChange={(event) => setTexts({ ...texts, [field]: event.currentTarget.value })}
                error={problemOf(field)}
                inputMode="decimal"
                autoComplete="off"
                rightSection={<span style={{ fontSize: "0.85em" }}>{parameterUnit(field, asset)}</span>}
                rightSectionWidth={80}
                rightSectionPointerEvents="none"
                inputWrapperOrder={["label", "input", "description", "error"]}
              />
            ))}
          </SimpleGrid>
        </Panel>
      ))}
      <Panel title="The proposal">
        <Stack gap="md" maw={640}>
          <div aria-live="polite">
            {lines.length === 0 ? (
              <Text c="dimmed">Nothing is changed yet.</Text>
            ) : (
              <List>
                {lines.map((line) => (
                  <List.Item key={line}>{line}</List.Item>
                ))}
              </List>
            )}
          </div>
          <TextInput
            label="Title"
            required
            withAsterisk={false}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            maxLength={80}
          />
          <Textarea
            label="Reasons"
            description="For those who vote; it stays on the chain"
            autosize
            minRows={3}
            value={reasons}
            onChange={(event) => setReasons(event.currentTarget.value)}
          />
          {isShort && (
            <Text c="var(--mantine-color-error)">
              A proposal takes <Amount value={rules.proposalThreshold} of="mill" /> in votes. You have{" "}
              <Amount value={position.votes} of="mill" />.
            </Text>
          )}
          <div>
            <ActionButton
              label="Propose"
              action={action}
              options={isReady ? { market, court, description } : undefined}
            >
              <Stack gap="xs">
                <Text>All who stake MILL vote on this:</Text>
                <List size="sm">
                  {lines.map((line) => (
                    <List.Item key={line}>{line}</List.Item>
                  ))}
                </List>
              </Stack>
            </ActionButton>
          </div>
        </Stack>
      </Panel>
    </>
  );
}
