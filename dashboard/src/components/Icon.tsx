/** Strokes on a grid of 24. A package of icons would be larger than all pages together. */
const paths = {
  market: "M4 20V10m5.3 10V4m5.4 16v-8M20 20V7",
  provider: "M7 7h10v10H7zM10 2v5m4-5v5m-4 10v5m4-5v5M2 10h5m-5 4h5m10-4h5m-5 4h5",
  jobs: "m12 3 9 4.5-9 4.5-9-4.5zM3 12l9 4.5 9-4.5M3 16.5 12 21l9-4.5",
  plus: "M12 5v14M5 12h14",
  disputes: "M12 4v16m-5 0h10M5 7l7-2 7 2M5 7l-3 7h6zm14 0-3 7h6z",
  governance: "M5 12V4h14v8m-9-5 2 2 3-4M3 12h18v8H3z",
  stake:
    "M12 3c4.4 0 8 1.3 8 3s-3.6 3-8 3-8-1.3-8-3 3.6-3 8-3zM4 6v6c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12v6c0 1.7 3.6 3 8 3s8-1.3 8-3v-6",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.6-6 8-6s8 2 8 6",
  wallet: "M4 7V6a2 2 0 0 1 2-2h11v3M4 7h15a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H6a2 2 0 0 1-2-2zm12 6.500h.01",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "m5 12.5 4.5 4.500L19 7.5",
  warning: "M12 4 2.5 20h19zm0 6v4.500m0 2.800v.01",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.400m11.2 11.200L19 19M19 5l-1.4 1.400M6.4 17.6 5 19",
  moon: "M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z",
  auto: "M3 5h18v12H3zm6 16h6m-3-4v4",
  right: "m9 5 7 7-7 7",
} as const;

export type IconName = keyof typeof paths;

/** A decoration: whatever it stands beside, or the button that it is in, has the words. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
