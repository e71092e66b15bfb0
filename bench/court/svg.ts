/** A line of a plot: points in the order of x. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  title: string;
  xLabel: string;
  yLabel: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
}

interface Axis {
  from: number;
  to: number;
  step: number;
  format(value: number): string;
}

const WIDTH = 760;
const HEIGHT = 420;
/** Of the drawing itself; the names of the lines stand on its right. */
const BOX = { left: 70, top: 44, right: 500, bottom: 360 };
/** Paul Tol's bright scheme: told apart by the colour-blind too. */
const COLOURS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#777777", "#000000"];
const DASHES = ["", "6 3", "2 3"];

/** A plot as a file of its own. Hand-written: a few lines and labels need no library. */
export function svgOf({ title, xLabel, yLabel, x, y, series }: Plot): string {
  const px = (value: number) =>
    round(BOX.left + ((value - x.from) / (x.to - x.from)) * (BOX.right - BOX.left));
  const py = (value: number) =>
    round(BOX.bottom - ((value - y.from) / (y.to - y.from)) * (BOX.bottom - BOX.top));
  const middle = (BOX.left + BOX.right) / 2;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(middle, 24, title, 'text-anchor="middle" font-size="14"'),
    text(middle, HEIGHT - 16, xLabel, 'text-anchor="middle"'),
    text(
      18,
      (BOX.top + BOX.bottom) / 2,
      yLabel,
      `text-anchor="middle" transform="rotate(-90 18 ${(BOX.top + BOX.bottom) / 2})"`,
    ),
  ];
  for (const value of ticksOf(y)) {
    const stroke = Math.abs(value) < y.step / 1e6 ? "#444" : "#ddd";
    lines.push(`<path d="M${BOX.left} ${py(value)}H${BOX.right}" stroke="${stroke}"/>`);
    lines.push(text(BOX.left - 8, py(value) + 4, y.format(value), 'text-anchor="end"'));
  }
  for (const value of ticksOf(x)) {
    lines.push(`<path d="M${px(value)} ${BOX.top}V${BOX.bottom}" stroke="#eee"/>`);
    lines.push(text(px(value), BOX.bottom + 18, x.format(value), 'text-anchor="middle"'));
  }
  series.forEach(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const dash = DASHES[Math.floor(i / COLOURS.length) % DASHES.length];
    const stroke = `stroke="${colour}" stroke-width="2" fill="none"${dash ? ` stroke-dasharray="${dash}"` : ""}`;
    // What lies beyond the box is drawn on its edge.
    const clamp = (value: number) => Math.min(y.to, Math.max(y.from, value));
    lines.push(
      `<polyline ${stroke} points="${points.map(([a, b]) => `${px(a)},${py(clamp(b))}`).join(" ")}"/>`,
    );
    const top = BOX.top + 12 + i * 22;
    lines.push(`<path ${stroke} d="M${BOX.right + 16} ${top - 4}h24"/>`);
    lines.push(text(BOX.right + 46, top, name));
  });
  return `${[...lines, "</svg>"].join("\n")}\n`;
}

function ticksOf({ from, to, step }: Axis): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const round = (value: number): number => Math.round(value * 10) / 10;
