import { Badge, Tooltip } from "@mantine/core";
import { formatCount } from "../components/formats.ts";
import { useLive } from "../market/live.ts";
import { useMarket } from "../market/useMarket.ts";

/** Which market this is, and how fresh what is shown. */
export function ChainStatus() {
  const { network } = useMarket();
  const { block, state } = useLive();
  const words = {
    connecting: "Connecting to the indexer",
    connected: `The indexer has read up to block ${formatCount(block?.block ?? 0)}`,
    lost: "The indexer does not answer: what is shown may be old",
    foreign: "The indexer that this network names is of another market: nothing of it is shown",
    none: "This network names no indexer: only what the chain itself tells is shown",
  }[state];
  const color = { connecting: "gray", connected: "teal", lost: "orange", foreign: "red", none: "gray" }[
    state
  ];
  return (
    <Tooltip label={words} multiline maw={260} withArrow>
      <Badge
        variant="dot"
        color={color}
        size="lg"
        tt="none"
        fw={500}
        tabIndex={0}
        visibleFrom="xs"
        role="status"
        aria-label={`${network.name}: ${words}`}
      >
        {network.name}
        {state === "connected" && block && ` · ${formatCount(block.block)}`}
      </Badge>
    </Tooltip>
  );
}
