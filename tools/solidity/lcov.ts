/**
 * How often each line with code ran, by file. Reads lcov's tracefile format as far as that goes: `man geninfo`, FILES.
 */
export function parseLcov(text: string): Map<string, Map<number, number>> {
  const files = new Map<string, Map<number, number>>();
  let lines = new Map<number, number>();
  for (const row of text.split("\n")) {
    const [, key, value = ""] = /^(SF|DA):(.*)$/.exec(row) ?? [];
    if (key === "SF") {
      lines = new Map();
      files.set(value, lines);
    }
    if (key === "DA") {
      const [line = 0, hits = 0] = value.split(",").map(Number);
      lines.set(line, hits);
    }
  }
  return files;
}
