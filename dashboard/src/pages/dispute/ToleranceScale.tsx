import { Stack, Text } from "@mantine/core";
import { CLEAN_RATIO, FAULT_RATIO } from "@millrace/protocol";
import { formatRatio, voteRatio } from "../../court/voteRatio.ts";
import classes from "./ToleranceScale.module.css";

/** Doublings to either side of the line; what lies beyond stands at the edge. */
const OCTAVES = 4;
const marks = [1 / 16, 1 / 4, CLEAN_RATIO, 1, FAULT_RATIO, 4, 16];

/** Where a ratio stands, in per cent of the scale. */
function placeOf(ratio: number): number {
  const octaves = Math.max(-OCTAVES, Math.min(OCTAVES, Math.log2(ratio)));
  return ((octaves + OCTAVES) / (2 * OCTAVES)) * 100;
}

/**
 * The scale on which jurors vote, with their votes.
 *
 * @param votes in 1/64 octaves; those of jurors who could not get at the evidence have no place
 * @param median of the last jury that decided
 */
export function ToleranceScale({ votes, median }: { votes: readonly number[]; median: number | undefined }) {
  const ratios = votes.flatMap((vote) => voteRatio(vote) ?? []);
  const middle = median === undefined ? undefined : voteRatio(median);
  const words =
    ratios.length === 0
      ? "No vote is revealed yet."
      : `Votes: ${ratios.map(formatRatio).join(", ")}. ${median === undefined ? "" : `Median: ${formatRatio(middle)}.`}`;
  return (
    <Stack gap="sm">
      <Text size="sm">
        Two honest machines never compute quite the same numbers. By how much they may differ was measured for
        this model, and that is 1 × here. Up to {formatRatio(CLEAN_RATIO)} an answer counts as computed as
        agreed, from {formatRatio(FAULT_RATIO)} on as a fault; in between the provider is paid, and the bond
        pays the jurors.
      </Text>
      <div className={classes.frame} role="img" aria-label={`Scale of votes. ${words}`}>
        <div className={classes.zones}>
          <span className={classes.clean} style={{ width: `${placeOf(CLEAN_RATIO)}%` }}>
            right
          </span>
          <span
            className={classes.between}
            style={{ width: `${placeOf(FAULT_RATIO) - placeOf(CLEAN_RATIO)}%` }}
          >
            between
          </span>
          <span className={classes.fault} style={{ width: `${100 - placeOf(FAULT_RATIO)}%` }}>
            fault
          </span>
        </div>
        {ratios.map((ratio, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: votes have no other name here
            key={index}
            className={classes.vote}
            style={{ left: `${placeOf(ratio)}%`, top: 30 + (index % 3) * 5 }}
          />
        ))}
        {middle !== undefined && <span className={classes.median} style={{ left: `${placeOf(middle)}%` }} />}
        <div className={classes.marks}>
          {marks.map((mark) => (
            <span key={mark} style={{ left: `${placeOf(mark)}%` }}>
              {mark < 0.5 ? `1/${1 / mark}` : mark}
            </span>
          ))}
        </div>
      </div>
      <Text size="sm" c="dimmed">
        {words}
      </Text>
    </Stack>
  );
}
