import { List, Text, Timeline } from "@mantine/core";
import { type ParameterField, parameterWords, wordParameter } from "@millrace/client";
import type { ParametersVersion } from "@millrace/protocol";
import { Hash } from "../../components/Hash.tsx";
import { Loaded } from "../../components/Loaded.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Time } from "../../components/Time.tsx";
import { type Unit, useAsset } from "../../market/useAsset.ts";
import { useIndexed } from "../../market/useIndexed.ts";

/** Every version there was, newest first, by what it changed. */
export function ParametersHistory() {
  const query = useIndexed(["parameters"], (indexer) => indexer.parameters());
  const asset = useAsset();
  return (
    <Panel title="History">
      <Loaded query={query}>
        {(versions) => (
          <Timeline bulletSize={14} lineWidth={2} active={versions.length} color="race">
            {versions.map((version, index) => {
              const before = versions[index + 1];
              return (
                <Timeline.Item key={version.version} title={`Version ${version.version}`}>
                  <Text component="div" size="sm" c="dimmed">
                    <Time seconds={version.at.time} />, transaction{" "}
                    <Hash hash={version.at.transactionHash} what="transaction hash" />
                  </Text>
                  {before === undefined ? (
                    <Text size="sm">The first one.</Text>
                  ) : (
                    <List size="sm">
                      {changesOf(before, version, asset).map((line) => (
                        <List.Item key={line}>{line}</List.Item>
                      ))}
                    </List>
                  )}
                </Timeline.Item>
              );
            })}
          </Timeline>
        )}
      </Loaded>
    </Panel>
  );
}

function changesOf(before: ParametersVersion, after: ParametersVersion, asset: Unit): string[] {
  const old = { ...before.market, ...before.court };
  const lines = Object.entries({ ...after.market, ...after.court }).flatMap(([name, value]) => {
    const was = old[name];
    // What this page has no words for, a newer contract may have.
    if (was === undefined || String(was) === String(value) || !(name in parameterWords)) return [];
    const field = name as ParameterField;
    const say = (one: string | number) => wordParameter(field, BigInt(one), asset);
    return [`${parameterWords[field].name}: ${say(was)} → ${say(value)}`];
  });
  return lines.length > 0 ? lines : ["The same numbers again."];
}
