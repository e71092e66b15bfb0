/** A node of solc's syntax tree, Solidity's or Yul's; `src` is `start:length:file` in bytes. */
export interface SyntaxNode {
  readonly nodeType: string;
  readonly src: string;
  readonly [key: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "nodeType" in value && "src" in value;

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter(isNode);
}

/** The node and all beneath it. */
export function* descendantsOf(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of childrenOf(node)) yield* descendantsOf(child);
}

export function rangeOf(node: SyntaxNode): { start: number; end: number } {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}
