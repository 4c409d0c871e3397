import { REPOSITORY_URL } from "./repository.mjs";

/** Types that public types use and programs don't name: their pages would explain nothing. */
const NOT_EXPORTED = {
  "provider/ask.ts": ["Inputs"],
  "sdk/catalogShape.ts": ["RegionOffers"],
  "sdk/catalogTypes.ts": [
    ...["AnyNumber", "AnyText", "Architectures", "Choice", "ComputeRoles", "Sizes", "Versions"],
  ],
  "emulator/catalog.ts": ["CatalogConfiguration", "CatalogRegion"],
  "emulator/faults/faultCheck.ts": ["CheckedFault"],
  "emulator/faults/faultKinds.ts": [
    ...["BodyFaultKind", "CONNECTION", "ContentFaultKind", "EchoFaultKind", "HttpFaultKind"],
    "NotSentFaultKind",
  ],
  "emulator/faults/faults.ts": ["MetCall"],
  "emulator/records.ts": ["BackupRecord", "InstanceRecord", "Unlisted"],
  "emulator/signature.ts": ["AccessKey"],
};

// TypeDoc reads a default export.
export default {
  plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme", "./typedocPlugin.mjs"],
  entryPoints: ["../provider/index.ts", "../sdk/index.ts", "../emulator/index.ts"],
  sortEntryPoints: false,
  tsconfig: "../tsconfig.build.json",
  name: "API reference",
  readme: "none",
  out: "api",
  docsRoot: ".",
  treatWarningsAsErrors: true,
  intentionallyNotExported: Object.entries(NOT_EXPORTED).flatMap(([file, names]) =>
    names.map((name) => `pulumi-cds-redis/${file}:${name}`),
  ),
  excludeExternals: true,
  disableGit: true,
  displayBasePath: "..",
  sourceLinkTemplate: `${REPOSITORY_URL}/blob/main/{path}#L{line}`,
  groupOrder: ["Classes", "Functions", "Interfaces", "Type Aliases", "Variables"],
  sort: ["required-first", "source-order"],
  hideBreadcrumbs: true,
  hidePageHeader: true,
  pageTitleTemplates: { member: ({ rawName }) => rawName.replace(/<.*/, "") },
};
