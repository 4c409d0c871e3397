const { connect } = require("../vendor.js");
const before = require("../09-refresh/provider.js");

/** Reads the key from the stack's configuration. */
class Databases extends before.Databases {
  /** Stays synchronous: the engine's second call does not wait for it. */
  configure({ config }) {
    this.config = config;
  }

  vendor() {
    const apiKey = this.config.get("toy:apiKey");
    if (apiKey === undefined)
      throw new Error("toy:apiKey is not set. Run `pulumi config set --secret toy:apiKey <key>`.");
    return connect(apiKey);
  }

  async read(id, props) {
    return super.read(id, props).catch(addRecorded);
  }

  async delete(id, olds) {
    return super.delete(id, olds).catch(addRecorded);
  }
}

function addRecorded(error) {
  error.message +=
    ". `refresh` and `destroy` use the configuration of the last `up`: add --run-program for that of today.";
  throw error;
}

exports.Databases = Databases;
exports.databases = new Databases();
