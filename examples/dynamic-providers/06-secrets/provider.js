const before = require("../05-import/provider.js");

const RULES = {
  sizeGb: { isKept: (value) => Number.isInteger(value), text: "give a whole number" },
  password: { isKept: (value) => value?.length >= 12, text: "give at least 12 characters" },
};

/** Checks the arguments, and names no property, since the engine would print its value. */
class Databases extends before.Databases {
  async check(olds, news) {
    const broken = Object.keys(RULES).filter((name) => !this.isValid(name, news[name]));
    const failures = broken.map((name) => ({
      property: "",
      reason: `${name}: ${RULES[name].text}`,
    }));
    return { inputs: news, failures };
  }

  isValid(name, value) {
    return RULES[name].isKept(value);
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
