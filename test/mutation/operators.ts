import { descendantsOf, isNode, rangeOf, type SyntaxNode } from "./syntax.ts";

export type Operator =
  | "relational"
  | "arithmetic"
  | "boolean"
  | "require-deletion"
  | "access-control"
  | "assignment-deletion"
  | "call-deletion"
  | "constant";

/** A replacement of the bytes from `start` to `end` of a file. */
export interface Edit {
  readonly operator: Operator;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** What operators must know of declarations elsewhere, by their ids. */
export interface Declarations {
  /** Which member of its enum follows each, the first following the last. */
  readonly successors: ReadonlyMap<number, string>;
  /** Functions that only look and refuse, with what the deletion of a call of theirs is. */
  readonly guards: ReadonlyMap<number, Operator>;
}

/** Gathers from whole files. */
export function declarationsOf(units: readonly SyntaxNode[]): Declarations {
  const successors = new Map<number, string>();
  const guards = new Map<number, Operator>();
  for (const node of units.flatMap((unit) => [...descendantsOf(unit)])) {
    if (node.nodeType === "EnumDefinition") {
      const members = node.members as SyntaxNode[];
      members.forEach((member, index) => {
        const next = members[(index + 1) % members.length]!;
        if (next !== member) successors.set(member.id as number, next.name as string);
      });
    }
    if (node.nodeType === "FunctionDefinition" && /^(view|pure)$/.test(node.stateMutability as string)) {
      const operators = [...descendantsOf(node)].map((inner) => deletionOperator(inner, undefined));
      const found = (["access-control", "require-deletion"] as const).find((name) =>
        operators.includes(name),
      );
      if (found) guards.set(node.id as number, found);
    }
  }
  return { successors, guards };
}

// The boundary moved, and the negation: a test of either side of the boundary tells both from the original.
const RELATIONAL: Record<string, readonly string[]> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
};
const ARITHMETIC: Record<string, string> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
};
const LOGICAL: Record<string, string> = { "&&": "||", "||": "&&" };
const YUL: Record<string, readonly [Operator, string]> = {
  add: ["arithmetic", "sub"],
  sub: ["arithmetic", "add"],
  mul: ["arithmetic", "div"],
  div: ["arithmetic", "mul"],
  shl: ["arithmetic", "shr"],
  shr: ["arithmetic", "shl"],
  and: ["arithmetic", "or"],
  or: ["arithmetic", "and"],
  xor: ["arithmetic", "and"],
  lt: ["relational", "gt"],
  gt: ["relational", "lt"],
  slt: ["relational", "sgt"],
  sgt: ["relational", "slt"],
  eq: ["relational", "sub"],
};

/** All edits of one node by itself; those of its children are theirs. */
export function editsOf(node: SyntaxNode, source: Buffer, declarations: Declarations): Edit[] {
  const text = (of: SyntaxNode) => {
    const { start, end } = rangeOf(of);
    return source.toString("utf8", start, end);
  };
  const replace = (operator: Operator, replacement: string, of = node): Edit => ({
    operator,
    ...rangeOf(of),
    replacement,
  });

  switch (node.nodeType) {
    case "BinaryOperation":
      return editBinary(node, text, replace);
    case "Assignment": {
      const operator = (node.operator as string).slice(0, -1);
      if (operator === "") return [];
      const [left, right] = [text(childOf(node, "leftHandSide")), text(childOf(node, "rightHandSide"))];
      return [`${left} ${ARITHMETIC[operator]}= ${right}`, `${left} = ${right}`].map((changed) =>
        replace("arithmetic", changed),
      );
    }
    case "UnaryOperation":
      return editUnary(node, text, replace);
    case "IfStatement":
    case "WhileStatement":
    case "Conditional":
      return negate(childOf(node, "condition"), text, replace);
    case "Literal":
      return editLiteral(node, text, replace);
    case "MemberAccess": {
      const next = declarations.successors.get(node.referencedDeclaration as number);
      return next ? [replace("constant", `${text(childOf(node, "expression"))}.${next}`)] : [];
    }
    case "ModifierInvocation":
      return node.kind === "modifierInvocation" ? [replace("access-control", "")] : [];
    case "YulLiteral":
      return node.kind === "number" ? yulNumber(node, replace) : [];
    case "YulFunctionCall": {
      const name = childOf(node, "functionName");
      const [operator, other] = YUL[name.name as string] ?? [];
      const whole = text(node);
      return operator ? [replace(operator, other + whole.slice(text(name).length))] : [];
    }
    case "YulExpressionStatement":
    case "YulAssignment":
      return [replace("assignment-deletion", "{}")];
    default:
      return [];
  }
}

/**
 * The deletion of a statement, which `{}` replaces; the statement's range ends before its semicolon.
 * `condition` is that of the `if` whose branch it is, so that `if (…) revert …` is one requirement.
 */
export function deletionOf(
  statement: SyntaxNode,
  condition: SyntaxNode | undefined,
  source: Buffer,
  { guards }: Declarations,
): Edit[] {
  const operator = deletionOperator(statement, condition, guards);
  if (!operator) return [];
  const { start, end } = rangeOf(statement);
  const semicolon = source.indexOf(";", end);
  return [{ operator, start, end: semicolon + 1, replacement: "{}" }];
}

function deletionOperator(
  statement: SyntaxNode,
  condition: SyntaxNode | undefined,
  guards: Declarations["guards"] = new Map(),
): Operator | undefined {
  if (statement.nodeType === "EmitStatement") return "call-deletion";
  if (statement.nodeType === "RevertStatement") return requirement(condition);
  if (statement.nodeType !== "ExpressionStatement") return undefined;
  const expression = childOf(statement, "expression");
  switch (expression.nodeType) {
    case "Assignment":
      return "assignment-deletion";
    case "UnaryOperation":
      return "assignment-deletion";
    case "FunctionCall": {
      const { name, referencedDeclaration } = childOf(expression, "expression");
      if (name === "revert") return requirement(condition);
      if (name !== "require" && name !== "assert") {
        return guards.get(referencedDeclaration as number) ?? "call-deletion";
      }
      return requirement((expression.arguments as SyntaxNode[])[0]);
    }
    default:
      return undefined;
  }
}

/** A requirement about the caller is access control. */
function requirement(condition: SyntaxNode | undefined): Operator {
  if (!condition) return "require-deletion";
  const namesCaller = [...descendantsOf(condition)].some(
    (node) =>
      (node.memberName === "sender" && childOf(node, "expression").name === "msg") ||
      node.name === "_msgSender",
  );
  return namesCaller ? "access-control" : "require-deletion";
}

type Text = (of: SyntaxNode) => string;
type Replace = (operator: Operator, replacement: string, of?: SyntaxNode) => Edit;

function editBinary(node: SyntaxNode, text: Text, replace: Replace): Edit[] {
  const operator = node.operator as string;
  const left = childOf(node, "leftExpression");
  const right = childOf(node, "rightExpression");
  const joined = (other: string) => `${text(left)} ${other} ${text(right)}`;
  const relational = RELATIONAL[operator];
  if (relational) return relational.map((other) => replace("relational", joined(other)));
  const logical = LOGICAL[operator];
  if (logical) {
    const edits = [replace("boolean", `(${joined(logical)})`), replace("boolean", text(left))];
    // Of a chain, the left side holds all earlier operands: each is dropped where it stands alone.
    if (left.operator !== operator) edits.push(replace("boolean", text(right)));
    return edits;
  }
  const arithmetic = ARITHMETIC[operator];
  return arithmetic ? [replace("arithmetic", `(${joined(arithmetic)})`)] : [];
}

function editUnary(node: SyntaxNode, text: Text, replace: Replace): Edit[] {
  const operand = text(childOf(node, "subExpression"));
  switch (node.operator) {
    case "!":
      return [replace("boolean", operand)];
    case "-":
    case "~":
      return [replace("arithmetic", operand)];
    case "++":
      return [replace("arithmetic", node.prefix ? `--${operand}` : `${operand}--`)];
    case "--":
      return [replace("arithmetic", node.prefix ? `++${operand}` : `${operand}++`)];
    default:
      return [];
  }
}

/** Comparisons, connectives and negations have edits of their own that come to the same. */
function negate(condition: SyntaxNode, text: Text, replace: Replace): Edit[] {
  const operator = condition.operator as string | undefined;
  if (operator && (operator in RELATIONAL || operator in LOGICAL || operator === "!")) return [];
  return [replace("boolean", `!(${text(condition)})`, condition)];
}

function editLiteral(node: SyntaxNode, text: Text, replace: Replace): Edit[] {
  const literal = text(node);
  switch (node.kind) {
    case "bool":
      return [replace("boolean", literal === "true" ? "false" : "true")];
    case "string":
    case "unicodeString":
      return [replace("constant", `${literal.slice(0, -1)}_${literal.at(-1)}`)];
    case "hexString":
      return [replace("constant", `${literal.slice(0, -1)}00${literal.at(-1)}`)];
    case "number": {
      const isZero = /^(0x)?0+$/.test(literal);
      return [
        replace("constant", `(${literal} + 1)`),
        ...(isZero ? [] : [replace("constant", `(${literal} - 1)`)]),
      ];
    }
    default:
      return [];
  }
}

function yulNumber(node: SyntaxNode, replace: Replace): Edit[] {
  const value = BigInt(node.value as string);
  return [value + 1n, ...(value === 0n ? [] : [value - 1n])].map((other) => replace("constant", `${other}`));
}

function childOf(node: SyntaxNode, key: string): SyntaxNode {
  const child = node[key];
  if (!isNode(child)) throw new Error(`${node.nodeType} without ${key}`);
  return child;
}
