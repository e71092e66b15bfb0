import { Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Address as AddressValue, isAddress, isAddressEqual } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { useAction } from "../../market/useAction.tsx";

/** Gives the reader's votes to somebody, or takes them back. */
export function DelegateForm({ own, delegate }: { own: AddressValue; delegate: AddressValue | undefined }) {
  const [text, setText] = useState("");
  const to = isAddress(text.trim()) ? (text.trim() as AddressValue) : undefined;
  const isOwn = delegate !== undefined && isAddressEqual(delegate, own);
  const action = useAction({
    title: "Delegate",
    run: (millrace, address: AddressValue) => millrace.governance.delegate({ to: address }),
  });
  return (
    <Stack gap="xs" justify="flex-end">
      <TextInput
        label="Delegate votes to"
        placeholder={isOwn ? "0x…" : own}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text !== "" && !to ? "This is no address, or has a typing error." : undefined}
        autoComplete="off"
        spellCheck={false}
      />
      <ActionButton
        label="Delegate"
        variant="default"
        action={action}
        options={to}
        onDone={() => setText("")}
      >
        {to && (
          <Text>
            <Address address={to} /> votes with your stake from the next proposal on. Fees stay yours, and you
            can delegate to yourself again at any time.
          </Text>
        )}
      </ActionButton>
    </Stack>
  );
}
