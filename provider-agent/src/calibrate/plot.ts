import { type Calibration, cheatKinds, type ScoredItem } from "@millrace/engine/calibration";
import { CLEAN_RATIO, FAULT_RATIO, ratioOf } from "@millrace/protocol";

const width = 760;
const rowHeight = 30;
const box = { left: 150, top: 48, right: 730 };
/** R runs from 1/100 to 256, on a logarithmic scale; what is less is drawn at the left edge. */
const [least, most] = [0.01, 256];
const ticks = [0.01, 0.1, 0.5, 1.5, 10, 100];
/** Paul Tol's bright scheme: told apart by the colour-blind too. */
const [honestColour, cheatColour] = ["#4477aa", "#ee6677"];

/** R of every single output, a row of dots for the honest ones and for each cheat; SVG by hand, for it is a few lines. */
export function plotOf({ model, modelClass: { tolerance }, fitted, heldOut, cheats }: Calibration): string {
  const rows: { name: string; items: readonly ScoredItem[]; colour: string }[] = [
    { name: "honest, fitted", items: fitted, colour: honestColour },
    { name: "honest, held out", items: heldOut, colour: honestColour },
    ...cheatKinds.map((kind) => ({ name: kind, items: cheats[kind], colour: cheatColour })),
  ];
  const bottom = box.top + rows.length * rowHeight;
  const height = bottom + 50;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>Calibration of ${escaped(model.name)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(
      (box.left + box.right) / 2,
      24,
      `R of single outputs of ${model.name}`,
      'text-anchor="middle" font-size="14"',
    ),
    `<rect x="${x(CLEAN_RATIO)}" y="${box.top}" width="${round(x(FAULT_RATIO) - x(CLEAN_RATIO))}" height="${bottom - box.top}" fill="#eee"/>`,
  ];
  for (const tick of ticks) {
    lines.push(`<path d="M${x(tick)} ${box.top}V${bottom}" stroke="#ccc"/>`);
    lines.push(text(x(tick), bottom + 16, String(tick), 'text-anchor="middle"'));
  }
  lines.push(text(x(CLEAN_RATIO) - 8, bottom + 36, "honest", 'text-anchor="end"'));
  lines.push(text(x(FAULT_RATIO) + 8, bottom + 36, "fault"));
  for (const [index, { name, items, colour }] of rows.entries()) {
    const top = box.top + index * rowHeight;
    lines.push(text(box.left - 8, top + rowHeight / 2 + 4, name, 'text-anchor="end"'));
    lines.push(`<path fill="none" stroke="${colour}" stroke-opacity=".35" d="${strokesOf(items, top)}"/>`);
  }
  return `${[...lines, "</svg>"].join("\n")}\n`;

  /** A short stroke for each output; equal ones once, for the file's size. */
  function strokesOf(items: readonly ScoredItem[], top: number): string {
    const places = new Set(items.map(({ score }) => x(ratioOf([score], tolerance))));
    return [...places].map((place) => `M${place} ${top + 6}v${rowHeight - 12}`).join("");
  }
}

function x(ratio: number): number {
  const place = Math.log(Math.min(most, Math.max(least, ratio)) / least) / Math.log(most / least);
  return round(box.left + place * (box.right - box.left));
}

function text(left: number, top: number, content: string, attributes = ""): string {
  return `<text x="${left}" y="${top}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
