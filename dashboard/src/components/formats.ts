import { formatUnits } from "viem";

/**
 * Writes a token amount with thousands apart: whole from a million on, to the hundredth from 1,000 on, to four places
 * from 1 on, below that to four digits that count. Else never less than two places.
 */
export function formatTokens(value: bigint, decimals: number): string {
  const text = formatUnits(value, decimals) as `${number}`;
  const size = Math.abs(Number(text));
  const zeros = size === 0 ? 0 : Math.max(0, -1 - Math.floor(Math.log10(size)));
  const places = size >= 1_000_000 ? 0 : size >= 1_000 ? 2 : size >= 1 ? 4 : 4 + zeros;
  return new Intl.NumberFormat("en", {
    minimumFractionDigits: Math.min(2, places),
    maximumFractionDigits: places,
    // Nobody is shown more than they have.
    roundingMode: "trunc",
  }).format(text);
}

/** Writes every digit of a token amount, with thousands apart. */
export function formatTokensExactly(value: bigint, decimals: number): string {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 18 }).format(
    formatUnits(value, decimals) as `${number}`,
  );
}

/** Writes a count: 1,234,567. */
export function formatCount(value: number | bigint | string): string {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 0 }).format(
    typeof value === "string" ? BigInt(value) : value,
  );
}

/** Writes a large count in few places: 1.2M. */
export function formatShortCount(value: number | bigint | string): string {
  const number = typeof value === "string" ? BigInt(value) : value;
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(number);
}

/** Writes a number beside an axis, in few digits. */
export function formatTick(value: number): string {
  return new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** Writes basis points as per cent: 2.5 %. */
export function formatBps(bps: number): string {
  return `${new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(bps / 100)} %`;
}

/** Writes a part of a whole as per cent; a dash where there is no whole. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const bps = (part / whole) * 10_000;
  return bps > 0 && bps < 1 ? "< 0.01 %" : formatBps(bps);
}

const SPANS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** Writes a span of time in its two largest units: 2 h 30 min. */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  if (rest === 0) return "0 s";
  const parts: string[] = [];
  for (const [unit, size] of SPANS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    // The next smaller one only: nobody reads the seconds of a day.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(" ");
}

/** Writes a point of time as the reader's place has it. */
export function formatTime(seconds: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(
    seconds * 1_000,
  );
}

/** Writes bytes as MB or GB. */
export function formatBytes(bytes: number | bigint | string): string {
  const number = Number(bytes);
  const [unit, size] = number >= 1e9 ? ["GB", 1e9] : ["MB", 1e6];
  return `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(number / (size as number))} ${unit}`;
}

/** Shortens a hash or an address: 0x1234…abcd. */
export function shorten(hex: string): string {
  return `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}
