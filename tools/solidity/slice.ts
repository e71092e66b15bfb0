import { type AstNode, childrenOf, parse, rangeOf, readImport, type Sources } from "./compile.ts";

/**
 * A source and what it imports, without the library functions that it does not reach; every line stays where it is.
 * The model checker encodes whatever it is given, and gets lost in whole libraries.
 */
export function slice(file: string, content: string): Sources {
  const trees = parse({ [file]: { content } });
  const functions = new Map(
    Object.values(trees)
      .flatMap(libraryFunctionsIn)
      .map((definition) => [definition.id, definition]),
  );
  const reached = new Set<AstNode>();
  reach(trees[file]!);
  const sources = Object.entries(trees).map(([path, tree]) => {
    const bytes = Buffer.from(path === file ? content : readImport(path));
    for (const definition of libraryFunctionsIn(tree)) {
      if (!reached.has(definition)) blank(bytes, definition);
    }
    return [path, { content: bytes.toString() }] as const;
  });
  return Object.fromEntries(sources);

  function reach(node: AstNode): void {
    const used = functions.get(node.referencedDeclaration);
    if (used && !reached.has(used)) {
      reached.add(used);
      reach(used);
    }
    for (const child of childrenOf(node)) reach(child);
  }
}

function libraryFunctionsIn(tree: AstNode): AstNode[] {
  const libraries = childrenOf(tree).filter(({ contractKind }) => contractKind === "library");
  return libraries.flatMap(childrenOf).filter(({ nodeType }) => nodeType === "FunctionDefinition");
}

/** Its documentation goes too, as it must stand before something. */
function blank(source: Buffer, definition: AstNode): void {
  const documentation = definition.documentation as AstNode | null;
  const { start } = rangeOf(documentation ?? definition);
  const { end } = rangeOf(definition);
  for (let offset = start; offset < end; offset++) {
    if (source[offset] !== 0x0a) source[offset] = 0x20;
  }
}
