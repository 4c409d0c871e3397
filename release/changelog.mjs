// How changesets writes an entry of CHANGELOG.md: the text alone, without the commit that users do not ask for.

// changesets reads a default export.
export default {
  getReleaseLine: ({ summary }) => `- ${summary.trim().split("\n").join("\n  ")}`,
  // This repository publishes one package, so no entry comes from a dependency.
  getDependencyReleaseLine: () => "",
};
