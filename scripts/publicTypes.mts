// Keeps the declarations that a program can reach from the package's entry points, and removes the others. Fails
// where one of them needs a package that a program need not have.
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const IMPORT = /(?:from |import\()"([^"]+)"/g;
const COMMENT = /\/\*[\s\S]*?\*\//g;

export interface PackageFile {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function keepPublicTypes({ exports, peerDependencies }: PackageFile): void {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, "utf8").replace(COMMENT, "");
    for (const [, name = ""] of text.matchAll(IMPORT)) {
      if (name.startsWith(".")) visit(declarationOf(join(file, "..", name)));
      else if (!name.startsWith("node:") && !(name in peerDependencies))
        throw new Error(`${file} brings ${name} into the public types: write an interface instead`);
    }
  };
  for (const entry of Object.values(exports))
    if (typeof entry !== "string") visit(join(entry.types));
  for (const file of globSync("dist/**/*.d.ts"))
    if (!reached.has(file)) for (const end of ["", ".map"]) rmSync(`${file}${end}`);
}

function declarationOf(module: string): string {
  const file = `${module.replace(/\.js$/, "")}.d.ts`;
  return existsSync(file) ? file : join(module, "index.d.ts");
}
