// What `environment.mjs` has loaded. A test file's own import of @pulumi/pulumi comes here.
module.exports = globalThis.loadedPulumi;
