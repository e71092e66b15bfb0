// Applies the colour scheme that Mantine keeps under this key, so that a dark page does not flash white at first.
let scheme = "auto";
try {
  scheme = localStorage.getItem("mantine-color-scheme-value") ?? "auto";
} catch {
  // Storage is closed to this page: the system's scheme it is.
}
const isDark = scheme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : scheme === "dark";
document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
