const LONGEST = 80;

/** A proposal's title: the first line of its description. */
export function titleOf(description: string): string {
  const line =
    description
      .trim()
      .split("\n")[0]
      ?.replace(/^#+\s*/, "") ?? "";
  if (line === "") return "Without a title";
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
