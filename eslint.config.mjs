import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores([
    "dist/",
    "plugin/",
    "plugin-tarballs/",
    "node_modules/",
    "examples/",
    "**/*.gen.ts",
    "coverage/",
    "mutation/.stryker/",
    "site/dist/",
    "site/.vitepress/cache/",
  ]),
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "no-console": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportAllDeclaration", message: "Name what is exported." },
      ],
    },
  },
  {
    // A file is one topic, and a function fits on a screen.
    files: ["{provider,sdk,cli,emulator}/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 4],
      // An empty interface that the catalogue of a program augments.
      "@typescript-eslint/no-empty-object-type": ["error", { allowWithName: "^Register$" }],
    },
  },
  {
    // Read by tools that want a default export.
    files: ["*.config.mjs", "tests/engine/{setUp,tearDown}.ts"],
    rules: { "no-restricted-exports": "off" },
  },
  {
    // What a command prints is its result.
    files: ["scripts/**", "cli/**", "bench/**", "release/**"],
    rules: { "no-console": "off" },
  },
);
