import type { Failure } from "../engineRun";
import type { Declared } from "../stackModel";

/** What an error says that the user is to do. */
export interface Advice {
  readonly urn: string;
  /** To give the option `import` with this id; without one, to let the stack forget the resource. */
  readonly importId?: string;
}

export function adviceOf({ urn, error }: Failure): Advice[] {
  const text = String(error);
  const importId = /`import: "([^"<]+)"`/.exec(text)?.[1];
  if (importId !== undefined) return [{ urn, importId }];
  return text.includes("`pulumi state delete <urn>`") ? [{ urn }] : [];
}

export function isToForget({ importId }: Advice): boolean {
  return importId === undefined;
}

/** What a program becomes. */
export function asAdvised(declared: Declared, { urn, importId }: Advice): Declared {
  if (urn !== declared.urn || importId === undefined) return declared;
  return { ...declared, args: (idOf) => ({ ...declared.args(idOf), __import: importId }) };
}
