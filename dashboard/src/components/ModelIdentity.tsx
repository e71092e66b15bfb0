import { Stack, Text } from "@mantine/core";
import type { Address as AddressValue, Hex } from "viem";
import { Address } from "./Address.tsx";
import { Hash } from "./Hash.tsx";

/** Which model is meant: anyone may publish another one under the same name. */
export function ModelIdentity({
  model: { modelId, publisher, spec },
}: {
  model: { modelId: Hex; publisher: AddressValue; spec: { name: string } };
}) {
  return (
    <Stack gap={0}>
      <Text span inherit fw={600}>
        {spec.name}
      </Text>
      <Text span size="xs" c="dimmed">
        <Hash hash={modelId} what="model id" />, published by <Address address={publisher} hideCopy />
      </Text>
    </Stack>
  );
}
