import { Box, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Address as AddressValue, isAddress } from "viem";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Address } from "../../components/Address.tsx";
import { Amount } from "../../components/Amount.tsx";
import { AmountInput } from "../../components/AmountInput.tsx";
import { useAction } from "../../market/useAction.tsx";

const DAY_SECONDS = 86_400;

interface NewOperator {
  role: "buyer" | "provider";
  operator: AddressValue;
  amount: bigint;
}

/** Lets another key act for the account. @param isInset whether it stands beneath a table that reaches the edges */
export function OperatorForm({ isInset }: { isInset: boolean }) {
  const [role, setRole] = useState<"buyer" | "provider">("buyer");
  const [text, setText] = useState("");
  const [amount, setAmount] = useState<bigint>();
  const [round, setRound] = useState(0);
  const operator = isAddress(text.trim()) ? (text.trim() as AddressValue) : undefined;
  const action = useAction({
    title: "Set operator",
    run: (millrace, { role: as, operator: key, amount: limit }: NewOperator) =>
      as === "provider"
        ? millrace.account.setProviderOperator({ operator: key, collateralCap: limit })
        : millrace.account.setBuyerOperator({ operator: key, allowance: limit, periodSeconds: DAY_SECONDS }),
  });
  const options = operator && amount !== undefined ? { role, operator, amount } : undefined;
  return (
    <Box p={isInset ? "md" : 0}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          A key on a server or in a script can work for you within a limit. It can never withdraw.
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" style={{ alignItems: "end" }}>
          <TextInput
            label="Operator's address"
            placeholder="0x…"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={text !== "" && !operator ? "This is no address, or has a typing error." : undefined}
            autoComplete="off"
            spellCheck={false}
          />
          <AmountInput
            key={round}
            label={role === "buyer" ? "Spends at most a day" : "Locks at most"}
            onChange={setAmount}
          />
          <SegmentedControl
            value={role}
            onChange={(value) => setRole(value as typeof role)}
            aria-label="Acts as"
            data={[
              { value: "buyer", label: "Buyer" },
              { value: "provider", label: "Provider" },
            ]}
          />
        </SimpleGrid>
        <div>
          <ActionButton
            label="Set operator"
            variant="default"
            action={action}
            options={options}
            onDone={() => {
              setText("");
              setAmount(undefined);
              setRound(round + 1);
            }}
          >
            {options && (
              <Text>
                <Address address={options.operator} /> may{" "}
                {role === "buyer"
                  ? "open, top up, close and accept jobs for you, spending at most "
                  : "offer, claim, submit and release for you, while at most "}
                <Amount value={options.amount} /> {role === "buyer" ? "a day." : "of your balance is locked."}{" "}
                It replaces what was set for this key before.
              </Text>
            )}
          </ActionButton>
        </div>
      </Stack>
    </Box>
  );
}
