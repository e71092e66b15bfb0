import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Notification } from "@mantine/core";

/** Water under a wheel: the one accent. White on shade 7, shade 8 on light and shade 4 on dark grounds pass AA. */
const race: MantineColorsTuple = [
  "#e6f6f8",
  "#cdebef",
  "#a0d8df",
  "#6dc3ce",
  "#43b0be",
  "#289fae",
  "#158a9a",
  "#0c7282",
  "#0a5c69",
  "#084954",
];

/** Greys with a little of the accent in them. */
const dark: MantineColorsTuple = [
  "#d5dcdf",
  "#b6c0c5",
  "#96a3a9",
  "#5f6e75",
  "#36434a",
  "#27333a",
  "#1a2328",
  "#12191d",
  "#0d1316",
  "#090d0f",
];

export const theme = createTheme({
  colors: { race, dark },
  primaryColor: "race",
  primaryShade: 7,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  // The system's own: no font is fetched from anywhere.
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.6rem", lineHeight: "1.25" },
      h2: { fontSize: "1.1rem", lineHeight: "1.35" },
      h3: { fontSize: "0.95rem", lineHeight: "1.4" },
    },
  },
  components: {
    // Mantine's button has no name, and its grey is too pale for AA.
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    }),
  },
});

/** Mantine's dimmed text is too pale for AA on both grounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f6f8f8",
    "--mantine-color-dimmed": "#56636a",
    "--mantine-color-anchor": "#0a5c69",
    // The words of badges and alerts: Mantine's miss AA on their own grounds by little.
    "--mantine-color-teal-light-color": "#055c43",
    "--mantine-color-blue-light-color": "#14508a",
    "--mantine-color-orange-light-color": "#8a3805",
    "--mantine-color-red-light-color": "#a61e1e",
    "--mantine-color-placeholder": "#66737a",
    "--mantine-color-error": "#c92a2a",
    "--millrace-panel": "#ffffff",
    "--millrace-line": "#dde3e5",
  },
  dark: {
    "--mantine-color-dimmed": "#9eabb1",
    "--mantine-color-placeholder": "#8b999f",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-disabled": "#27333a",
    "--mantine-color-disabled-color": "#7d8b92",
    // Mantine darkens shade 9 for these, to where nobody sees them on this ground.
    "--mantine-color-race-light": "rgb(40 159 174 / 20%)",
    "--mantine-color-race-light-hover": "rgb(40 159 174 / 28%)",
    "--mantine-color-race-light-color": "#a0d8df",
    "--millrace-panel": "#192226",
    "--millrace-line": "#2a363c",
  },
});
