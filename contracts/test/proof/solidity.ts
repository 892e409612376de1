/**
 * Reads the functions of a Solidity library as formulas: the compiler's own syntax tree of each,
 * taken as it is compiled, into terms of a proof. Only what the price rule is made of is
 * understood: one `return` of sums, differences, products, quotients and `>=` of unsigned numbers.
 * Anything else throws, so that no proof is about other code than the contract's.
 *
 * Every operation comes with a claim: that it stays within a word. In unchecked code that makes it
 * exact.
 */
import { createRequire } from "node:module";

import {
  type AtMost,
  atMost,
  minus,
  plus,
  type Proof,
  type Term,
  times,
  wordMax,
} from "./proof.ts";

type Node = { readonly nodeType: string; readonly [field: string]: unknown };

export type Library = ReadonlyMap<string, Node>;

type Compiler = { readonly compile: (input: string) => string };

/** The functions of the only library in a source text, by name. */
export function readLibrary(source: string): Library {
  const compiler = createRequire(import.meta.url)("solc") as Compiler;
  const input = {
    language: "Solidity",
    sources: { Library: { content: source } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(compiler.compile(JSON.stringify(input))) as {
    readonly sources?: { readonly Library?: { readonly ast?: Node } };
    readonly errors?: unknown;
  };
  const ast = output.sources?.Library?.ast;
  if (ast === undefined) throw new Error(`couldn't parse: ${JSON.stringify(output.errors)}`);
  const [library, ...others] = nodes(ast, "nodes").filter(is("ContractDefinition"));
  if (library === undefined || others.length > 0) throw new Error("there must be one library");
  const functions = nodes(library, "nodes").filter(is("FunctionDefinition"));
  return new Map(functions.map((one) => [String(one["name"]), one]));
}

/** What the function returns for these arguments: a number. */
export function numberOf(
  proof: Proof,
  library: Library,
  { name, args }: { readonly name: string; readonly args: readonly Term[] },
): Term {
  const value = evaluated(proof, library, { name, args });
  if (typeof value !== "string") throw new Error(`${name} must return a number`);
  return value;
}

/** What it means that the function returns true for these arguments. */
export function truthOf(
  proof: Proof,
  library: Library,
  { name, args }: { readonly name: string; readonly args: readonly Term[] },
): AtMost {
  const value = evaluated(proof, library, { name, args });
  if (typeof value === "string") throw new Error(`${name} must return a truth`);
  return value;
}

function evaluated(
  proof: Proof,
  library: Library,
  { name, args }: { readonly name: string; readonly args: readonly Term[] },
): Term | AtMost {
  const definition = library.get(name);
  if (definition === undefined) throw new Error(`there is no function ${name}`);
  const parameters = nodes(node(definition, "parameters"), "parameters");
  if (parameters.length !== args.length) throw new Error(`${name} takes ${parameters.length}`);
  const scope = new Map<string, Term>();
  for (const [i, parameter] of parameters.entries()) {
    const type = String(node(parameter, "typeName")["name"]);
    if (type !== "uint256") throw new Error(`${name}: a parameter is ${type}`);
    scope.set(String(parameter["name"]), args[i] ?? "");
  }
  const [block, ...rest] = nodes(node(definition, "body"), "statements");
  const statements = block?.nodeType === "UncheckedBlock" ? nodes(block, "statements") : [];
  const [statement, ...more] = statements;
  if (rest.length > 0 || more.length > 0 || statement?.nodeType !== "Return") {
    throw new Error(`${name} must be one return in one unchecked block`);
  }
  return valueOf(proof, scope, name, node(statement, "expression"));
}

function valueOf(
  proof: Proof,
  scope: ReadonlyMap<string, Term>,
  name: string,
  expression: Node,
): Term | AtMost {
  if (expression.nodeType === "Identifier") {
    const term = scope.get(String(expression["name"]));
    if (term === undefined) throw new Error(`${name}: who is ${String(expression["name"])}?`);
    return term;
  }
  if (expression.nodeType === "Literal") return BigInt(String(expression["value"])).toString();
  if (expression.nodeType === "TupleExpression") {
    const [inner, ...others] = nodes(expression, "components");
    if (inner !== undefined && others.length === 0) return valueOf(proof, scope, name, inner);
  }
  if (expression.nodeType !== "BinaryOperation") {
    throw new Error(`${name}: ${expression.nodeType} is not understood`);
  }
  const sides = [node(expression, "leftExpression"), node(expression, "rightExpression")];
  const [a, b] = sides.map((side) => valueOf(proof, scope, name, side));
  if (typeof a !== "string" || typeof b !== "string") throw new Error(`${name}: not a number`);
  return operated(proof, name, String(expression["operator"]), [a, b]);
}

function operated(
  proof: Proof,
  name: string,
  operator: string,
  [a, b]: readonly [Term, Term],
): Term | AtMost {
  const within = (term: Term): Term => {
    proof.claim(`${name}: ${operator} does not wrap`, atMost(term, wordMax));
    return term;
  };
  switch (operator) {
    case "+":
      return within(plus(a, b));
    case "*":
      return within(times(a, b));
    case "-":
      proof.claim(`${name}: - does not wrap`, atMost(b, a));
      return minus(a, b);
    case "/":
      return proof.quotient(name, a, b);
    case ">=":
      return atMost(b, a);
    default:
      throw new Error(`${name}: ${operator} is not understood`);
  }
}

function is(type: string): (node: Node) => boolean {
  return ({ nodeType }) => nodeType === type;
}

function node(of: Node, field: string): Node {
  const value = of[field];
  if (typeof value !== "object" || value === null) throw new Error(`no ${field}`);
  return value as Node;
}

function nodes(of: Node, field: string): readonly Node[] {
  const value = of[field];
  if (!Array.isArray(value)) throw new Error(`no ${field}`);
  return value as readonly Node[];
}
