import { Text } from "@mantine/core";
import type { IndexedLot } from "@millrace/protocol";
import { Time } from "../../components/Time.tsx";
import { useNow } from "../../market/useNow.ts";

/** What a lot waits for, and until when. */
export function LotTiming({
  lot: { status, graceEndsAt, deadline, windowEnd = 0, settled },
}: {
  lot: IndexedLot;
}) {
  const now = useNow();
  const words = (() => {
    switch (status) {
      case "assigned":
        if (now > deadline)
          return (
            <>
              late since <Time seconds={deadline} />
            </>
          );
        return (
          <>
            due <Time seconds={Math.max(deadline, graceEndsAt)} />
          </>
        );
      case "submitted":
        if (now > windowEnd) return "the window is over: anyone may settle it";
        return (
          <>
            to be looked at, window ends <Time seconds={windowEnd} />
          </>
        );
      case "demanded":
        return (
          <>
            the provider owes a receipt, <Time seconds={windowEnd} />
          </>
        );
      case "challenged":
        return (
          <>
            in court, held <Time seconds={windowEnd} /> at most
          </>
        );
      case "settled":
        return (
          settled && (
            <>
              paid <Time seconds={settled.at.time} />
            </>
          )
        );
      case "open":
        return "waits for another provider";
      case "closed":
        return undefined;
    }
  })();
  return (
    words && (
      <Text span size="sm" c="dimmed">
        {words}
      </Text>
    )
  );
}
