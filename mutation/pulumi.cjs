module.exports = globalThis.loadedPulumi;
