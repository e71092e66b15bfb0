/** JSON in which bigints survive, as `{"$bigint":"…"}`. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === "bigint" ? { $bigint: inner.toString() } : (inner as unknown),
  );
}

/** Reads what {@link encodeJson} wrote. The caller vouches for the shape: it is our own file. */
export function decodeJson<T>(text: string): T {
  return JSON.parse(text, (_, inner: unknown) => {
    const digits = (inner as { $bigint?: unknown } | null)?.$bigint;
    return typeof digits === "string" ? BigInt(digits) : inner;
  }) as T;
}
