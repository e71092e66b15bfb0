import { Checkbox, Stack } from "@mantine/core";
import type { RunChoices } from "../../batches/runChoices.ts";

/** How a batch is driven: who checks it, and when it is paid. */
export function ChoicesFields({
  choices,
  onChange,
}: {
  choices: RunChoices;
  onChange: (choices: RunChoices) => void;
}) {
  return (
    <Stack gap="sm">
      <Checkbox
        label="Other providers check a part of the answers"
        description="Needs two more providers of the model. Of each lot they score some requests and answers, which they see, for no more per token than the batch may cost, and for no more in all than it locks. A hint and no proof: what they find wrong goes to jurors, with a bond of yours. Otherwise it is checked that answers are those committed to."
        checked={choices.checksByMarket}
        onChange={(event) => onChange({ ...choices, checksByMarket: event.currentTarget.checked })}
      />
      <Checkbox
        label="I look at each lot before it is paid"
        description="You find the answers on the batch's page. What you do not object to in time is paid all the same. Otherwise lots are paid as soon as everything about them has been checked."
        checked={choices.paysByHand}
        onChange={(event) => onChange({ ...choices, paysByHand: event.currentTarget.checked })}
      />
    </Stack>
  );
}
