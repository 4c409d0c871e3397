// Reads the interfaces, classes and functions of source files, with their docs. Nothing is type-checked: names are enough.
import ts from "typescript";

/** A property of an interface or class, or an argument of a function. */
export interface Member {
  readonly name: string;
  /** The doc comment; "" without one. */
  readonly doc: string;
  readonly type: ts.TypeNode;
  /** Whether it is declared with a question mark. */
  readonly isOptional: boolean;
}

export interface DeclaredFunction {
  readonly name: string;
  /** Name of the interface of its only argument. */
  readonly args: string;
  /** What its promise resolves to. */
  readonly result: ts.TypeNode;
}

type Declaration =
  | ts.ClassDeclaration
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableDeclaration;

/** The declarations of several source files. */
export class Declarations {
  readonly #all: readonly Declaration[];

  constructor(files: readonly string[]) {
    this.#all = files.flatMap((file) => {
      const text = ts.sys.readFile(file) ?? "";
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      return source.statements.flatMap(declarationsOf);
    });
  }

  /** The declaration of this name. Throws unless there is exactly one. */
  find(name: string): Declaration {
    const [found, other] = this.#all.filter((one) => one.name?.getText() === name);
    if (found !== undefined && other === undefined) return found;
    throw new Error(
      `${found === undefined ? "No" : "More than one"} source file declares ${name}.`,
    );
  }

  /** The doc comment of a declaration, without its examples, which are in TypeScript. */
  docOf(name: string): string {
    return docOf(this.find(name));
  }

  /** The doc of a parameter of the class's constructor. */
  constructorDocOf(className: string, parameter: string): string {
    const found = this.#class(className).members.find(ts.isConstructorDeclaration);
    const tags = found === undefined ? [] : ts.getJSDocTags(found);
    const tag = tags.find((one) => ts.isJSDocParameterTag(one) && one.name.getText() === parameter);
    return ts.getTextOfJSDocComment(tag?.comment) ?? "";
  }

  /** The members with those of the interfaces it extends. Of a union: those of every object in it. */
  membersOf(name: string): Member[] {
    const declaration = this.find(name);
    if (ts.isTypeAliasDeclaration(declaration))
      return objectsOf(declaration.type).flatMap((object) => object.members.flatMap(memberOf));
    if (ts.isClassDeclaration(declaration)) return declaration.members.flatMap(memberOf);
    if (!ts.isInterfaceDeclaration(declaration)) throw new Error(`${name} has no members.`);
    const bases = (declaration.heritageClauses ?? []).flatMap((clause) => clause.types);
    const inherited = bases.flatMap((base) => this.membersOf(base.expression.getText()));
    return [...inherited, ...declaration.members.flatMap(memberOf)];
  }

  /** The exported functions of a file but those that take outputs, whose names end in `Output`. */
  functionsOf(file: string): DeclaredFunction[] {
    return this.#all
      .filter(ts.isFunctionDeclaration)
      .filter((one) => one.getSourceFile().fileName === file && isExported(one))
      .map(signatureOf)
      .filter(({ name }) => !name.endsWith("Output"));
  }

  /** The texts of an array of literals. */
  textsOf(name: string): string[] {
    const declaration = this.find(name);
    const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    if (value === undefined || !ts.isArrayLiteralExpression(value))
      throw new Error(`${name} is no array of literals.`);
    return value.elements.filter(ts.isStringLiteral).map(({ text }) => text);
  }

  #class(name: string): ts.ClassDeclaration {
    const declaration = this.find(name);
    if (!ts.isClassDeclaration(declaration)) throw new Error(`${name} is no class.`);
    return declaration;
  }
}

function declarationsOf(statement: ts.Statement): Declaration[] {
  if (ts.isVariableStatement(statement)) return [...statement.declarationList.declarations];
  const isOne =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isOne ? [statement] : [];
}

function docOf(node: ts.Node): string {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  // Prose that follows an example belongs to its tag.
  const afterExamples = (doc?.tags ?? [])
    .filter((tag) => tag.tagName.text === "example")
    .map((tag) => ts.getTextOfJSDocComment(tag.comment)?.split("```").at(-1) ?? "");
  return [ts.getTextOfJSDocComment(doc?.comment) ?? "", ...afterExamples].join("\n\n").trim();
}

function memberOf(element: ts.ClassElement | ts.TypeElement): Member[] {
  const isProperty = ts.isPropertyDeclaration(element) || ts.isPropertySignature(element);
  if (!isProperty || element.type === undefined) return [];
  const { name, type, questionToken } = element;
  return [
    { name: name.getText(), doc: docOf(element), type, isOptional: questionToken !== undefined },
  ];
}

function objectsOf(type: ts.TypeNode): ts.TypeLiteralNode[] {
  return (ts.isUnionTypeNode(type) ? [...type.types] : [type]).filter(ts.isTypeLiteralNode);
}

function isExported({ modifiers }: ts.FunctionDeclaration): boolean {
  return (modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function signatureOf(declaration: ts.FunctionDeclaration): DeclaredFunction {
  const name = declaration.name?.getText() ?? "";
  const args = declaration.parameters[0]?.type?.getText();
  const { type } = declaration;
  const result =
    type !== undefined && ts.isTypeReferenceNode(type) ? type.typeArguments?.[0] : type;
  if (args === undefined || result === undefined)
    throw new Error(`${name} has no argument or no result.`);
  return { name, args, result };
}
