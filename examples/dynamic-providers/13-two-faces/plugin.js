/** The provider as the engine's protocol for plugins wants it. */
const { Metadata, Server, ServerCredentials, status } = require("@grpc/grpc-js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");
const proto = require("@pulumi/pulumi/proto/provider_pb");
const { Status } = require("@pulumi/pulumi/proto/status_pb");
const { Any } = require("google-protobuf/google/protobuf/any_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");

const { Databases } = require("../10-configuration/provider.js");
const { UNKNOWN } = require("../07-previews/provider.js");

const SECRETS = ["password", "connectionString"];
const OUTPUTS = ["address", "connectionString"];

const databases = new Databases();

/** What the engine tells here, as the hidden inputs that the provider knows. */
function valuesOf(struct, request) {
  const values = struct?.toJavaScript() ?? {};
  const seconds = request.getTimeout?.() ?? 0;
  return {
    ...values,
    __urn: request.getUrn(),
    ...(seconds > 0 && { __timeouts: { create: `${seconds}s` } }),
  };
}

/** Values for the engine: without what only the dynamic face needs, with the secrets marked. */
function structOf({ __provider, __urn, __timeouts, __preview, ...values }) {
  const marked = Object.entries(values).map(([name, value]) => [
    name,
    SECRETS.includes(name) && value !== undefined
      ? { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value }
      : value,
  ]);
  return Struct.fromJavaScript(
    Object.fromEntries(marked.filter(([, value]) => value !== undefined)),
  );
}

/** What a preview shows of a database that is not made yet. */
function planned(inputs) {
  return { ...inputs, ...Object.fromEntries(OUTPUTS.map((name) => [name, UNKNOWN])) };
}

const calls = {
  getPluginInfo() {
    const info = new PluginInfo();
    info.setVersion("1.0.0");
    return info;
  },
  checkConfig(request) {
    const answer = new proto.CheckResponse();
    answer.setInputs(request.getNews());
    return answer;
  },
  diffConfig: () => new proto.DiffResponse(),
  configure(request) {
    // Settings belong to the provider resource here, and the stack's `toy:apiKey` is one of them.
    const { apiKey } = request.getArgs()?.toJavaScript() ?? {};
    // A secret comes wrapped: the engine has not heard yet what this plugin accepts.
    databases.configure({ config: new Map([["toy:apiKey", apiKey?.value ?? apiKey]]) });
    const answer = new proto.ConfigureResponse();
    answer.setAcceptsecrets(false);
    answer.setSupportspreview(true);
    return answer;
  },
  async check(request) {
    const [olds, news] = [request.getOlds(), request.getNews()];
    const { inputs, failures } = await databases.check(
      olds?.toJavaScript() ?? {},
      valuesOf(news, request),
    );
    const answer = new proto.CheckResponse();
    answer.setInputs(structOf(inputs));
    answer.setFailuresList(
      failures.map(({ property, reason }) => {
        const failure = new proto.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      }),
    );
    return answer;
  },
  async diff(request) {
    const olds = valuesOf(request.getOlds(), request);
    const difference = await databases.diff(
      request.getId(),
      olds,
      valuesOf(request.getNews(), request),
    );
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    const answer = new proto.DiffResponse();
    answer.setChanges(difference.changes ? DIFF_SOME : DIFF_NONE);
    answer.setReplacesList(difference.replaces);
    answer.setDeletebeforereplace(difference.deleteBeforeReplace);
    return answer;
  },
  async create(request) {
    const inputs = valuesOf(request.getProperties(), request);
    const answer = new proto.CreateResponse();
    if (request.getPreview()) {
      answer.setProperties(structOf(planned(inputs)));
      return answer;
    }
    const { id, outs } = await databases.create(inputs);
    answer.setId(id);
    answer.setProperties(structOf(outs));
    return answer;
  },
  async read(request) {
    const { id, props } = await databases.read(
      request.getId(),
      valuesOf(request.getProperties(), request),
    );
    const answer = new proto.ReadResponse();
    if (id === "") return answer;
    answer.setId(id);
    answer.setProperties(structOf(props));
    const { name, sizeGb } = props;
    const known = request.getInputs()?.toJavaScript() ?? {};
    answer.setInputs(structOf(Object.keys(known).length > 0 ? known : { name, sizeGb }));
    return answer;
  },
  async update(request) {
    const news = valuesOf(request.getNews(), request);
    const olds = valuesOf(request.getOlds(), request);
    const { outs } = request.getPreview()
      ? { outs: { ...olds, ...news } }
      : await databases.update(request.getId(), olds, news);
    const answer = new proto.UpdateResponse();
    answer.setProperties(structOf(outs));
    return answer;
  },
  async delete(request) {
    await databases.delete(request.getId(), valuesOf(request.getProperties(), request));
    return new Empty();
  },
  cancel() {
    databases.cancelled.abort();
    return new Empty();
  },
};

/** The error as the engine takes it: what an error keeps stands in the details. */
function failureOf(error) {
  const metadata = new Metadata();
  if (error.id !== undefined) {
    const kept = new proto.ErrorResourceInitFailed();
    kept.setId(error.id);
    kept.setProperties(structOf(error.properties));
    kept.setReasonsList(error.reasons);
    const detail = new Any();
    detail.pack(kept.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new Status();
    answer.setCode(status.UNKNOWN);
    answer.setMessage(error.message);
    answer.addDetails(detail);
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  }
  return { code: status.UNKNOWN, details: error.message, metadata };
}

const server = new Server();
const handlers = Object.entries(calls).map(([name, answer]) => [
  name,
  async ({ request }, respond) => {
    try {
      respond(null, await answer(request));
    } catch (error) {
      respond(failureOf(error));
    }
  },
]);
server.addService(ResourceProviderService, Object.fromEntries(handlers));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  // The engine reads the port from the first line.
  console.log(port);
});

// The engine holds the other end. It ends when the engine is killed.
process.stdin.on("end", () => process.exit(1));
process.stdin.resume();
