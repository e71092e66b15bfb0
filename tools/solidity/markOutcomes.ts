import { type AstNode, childrenOf, isNode, parse, rangeOf, type Sources } from "./compile.ts";

/** One way that the program can go on from a place in a source. */
export interface Outcome {
  /** Where in the source it is, counted from 1. */
  line: number;
  /** What has to happen. */
  text: string;
  /** The line of the marked source that runs when it does. */
  markLine: number;
}

export interface MarkedSource {
  content: string;
  outcomes: Outcome[];
}

interface Insertion {
  /** In bytes. */
  offset: number;
  text: string;
}

/**
 * Rewrites sources so that counting lines counts branches: a condition `c` becomes `((c) ? yes() : no()) == true`, and
 * each of these functions has a line of its own behind the source; the clauses of a `try` call such functions too.
 * Conditions are those of `if`, `require`, `?:` and loops, taken apart at `&&`, `||` and `!`, and what else these
 * connect. (Comparing last makes it a comparison, which forge counts as code of its line.)
 *
 * `forge coverage` reports branches as well, but leaves out the way past an `if` without `else` and all of `?:`, `&&`,
 * `||` and loops, takes a `continue` as reached whenever its condition was, and an `else` for whichever jump comes last
 * in its `if`.
 *
 * @throws If the sources do not compile, or branch in assembly, where no mark can stand.
 */
export function markOutcomes(sources: Sources): Record<string, MarkedSource> {
  const trees = parse(sources);
  const marked = Object.entries(sources).map(([file, { content }]) => {
    return [file, new Marker(file, content).mark(trees[file]!)] as const;
  });
  return Object.fromEntries(marked);
}

class Marker {
  readonly #file: string;
  readonly #source: Buffer;
  readonly #conditions = new Set<AstNode>();
  readonly #outcomes: Outcome[] = [];
  /** What goes around a node comes before and after what goes into it, so that a stable sort nests them. */
  readonly #insertions: Insertion[] = [];
  readonly #marks: string[] = ["library Outcomes {"];

  constructor(file: string, content: string) {
    this.#file = file;
    this.#source = Buffer.from(content.trimEnd());
  }

  mark(ast: AstNode): MarkedSource {
    this.#visit(ast);
    const pieces: string[] = [];
    let done = 0;
    for (const { offset, text } of this.#insertions.toSorted((left, right) => left.offset - right.offset)) {
      pieces.push(this.#source.toString("utf8", done, offset), text);
      done = offset;
    }
    pieces.push(this.#source.toString("utf8", done));
    const content = [pieces.join(""), ...this.#marks, "}\n"].join("\n");
    return { content, outcomes: this.#outcomes };
  }

  #visit(node: AstNode): void {
    if (["YulIf", "YulSwitch", "YulForLoop"].includes(node.nodeType)) {
      throw new Error(
        `${this.#file}:${this.#lineAt(rangeOf(node).start)}: a branch in assembly cannot be measured.`,
      );
    }
    for (const condition of conditionsOf(node)) this.#conditions.add(condition);
    const { start, end } = rangeOf(node);
    if (this.#conditions.has(node)) this.#insertions.push({ offset: start, text: "((" });
    for (const child of childrenOf(node)) this.#visit(child);
    if (this.#conditions.has(node)) {
      const text = this.#source.toString("utf8", start, end).replaceAll(/\s+/g, " ");
      const yes = this.#addMark(start, `${text} is true`, true);
      const no = this.#addMark(start, `${text} is false`, false);
      this.#insertions.push({ offset: end, text: `) ? ${yes} : ${no}) == true` });
    }
    if (node.nodeType === "TryCatchClause") {
      const { start: blockStart } = rangeOf(node.block as AstNode);
      const text = this.#source.toString("utf8", start, blockStart).trim() || "success";
      this.#insertions.push({ offset: blockStart + 1, text: ` ${this.#addMark(start, text, true)};` });
    }
  }

  /** The call of a new function that returns `value`. */
  #addMark(offset: number, text: string, value: boolean): string {
    const name = `outcome${this.#outcomes.length}`;
    this.#marks.push(`function ${name}() internal pure returns (bool) { return ${value}; }`);
    const markLine = this.#lineAt(this.#source.length) + this.#marks.length;
    this.#outcomes.push({ line: this.#lineAt(offset), text, markLine });
    return `Outcomes.${name}()`;
  }

  #lineAt(offset: number): number {
    return this.#source.toString("latin1", 0, offset).split("\n").length;
  }
}

function conditionsOf(node: AstNode): AstNode[] {
  switch (node.nodeType) {
    case "IfStatement":
    case "Conditional":
    case "ForStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return isNode(node.condition) ? partsOf(node.condition) : [];
    case "BinaryOperation":
      return isConnective(node) ? partsOf(node) : [];
    case "FunctionCall": {
      const { expression, arguments: args } = node as AstNode & { expression: AstNode; arguments: AstNode[] };
      return expression.name === "require" ? args.slice(0, 1).flatMap(partsOf) : [];
    }
    default:
      return [];
  }
}

/** What a condition is made of, where each part can be true or false. */
function partsOf(condition: AstNode): AstNode[] {
  if (isConnective(condition)) {
    return [condition.leftExpression as AstNode, condition.rightExpression as AstNode].flatMap(partsOf);
  }
  if (condition.nodeType === "TupleExpression") return (condition.components as AstNode[]).flatMap(partsOf);
  if (condition.nodeType === "UnaryOperation") return partsOf(condition.subExpression as AstNode);
  return condition.nodeType === "Literal" ? [] : [condition];
}

function isConnective(node: AstNode): boolean {
  return node.nodeType === "BinaryOperation" && ["&&", "||"].includes(String(node.operator));
}
