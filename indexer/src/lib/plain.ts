/** A value as JSON has it: bigints in decimal; texts as {@link plainText}. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

/** Without the NUL characters that PostgreSQL refuses. */
export const plainText = (text: string): string => text.replaceAll("\0", "");

/** A row with its texts as {@link plainText}. */
export function plainTexts<Row extends object>(row: Row): Row {
  const fields = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "string" ? plainText(value) : value,
  ]);
  // The same fields, of the same types.
  return Object.fromEntries(fields) as Row;
}
