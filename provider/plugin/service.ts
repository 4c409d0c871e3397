import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import type { Context } from "../core/context";
import { differenceResponse, failuresOf } from "./responses";
import { PluginFace, type Call, type Recorded } from "./face";
import { failureOf } from "./failure";
import { invoke, SECRET_RESULTS } from "./invoke";
import { RESOURCES } from "./resources";
import { providerSettings, SECRET_SETTINGS, SETTINGS, settingFaults } from "./settings";
import { structOf, valuesOf } from "./values";

export interface ServiceOptions {
  readonly context: Context;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Gives the text of the schema. */
  readonly schema: () => string;
}

interface ResourceRequest {
  getType(): string;
  getUrn(): string;
  getTimeout?(): number;
}

/** Serves the engine's protocol: reads each request, asks the face of its resource, and writes the answer. */
export class ProviderService {
  readonly #options: ServiceOptions;
  readonly #cancel = new AbortController();
  readonly #faces: ReadonlyMap<string, PluginFace>;

  constructor(options: ServiceOptions) {
    const { context } = options;
    this.#options = options;
    this.#faces = new Map(
      Object.entries(RESOURCES).map(([type, resource]) => [
        type,
        new PluginFace(context, resource, this.#cancel.signal),
      ]),
    );
  }

  /** By the names of the protocol's calls. */
  handlers(): UntypedServiceImplementation {
    return {
      handshake: unary(() => this.#handshake()),
      attach: unary(() => new Empty()),
      getPluginInfo: unary(() => this.#pluginInfo()),
      getSchema: unary(() => this.#schema()),
      checkConfig: unary((request: proto.CheckRequest) => this.#checkConfig(request)),
      diffConfig: unary((request: proto.DiffRequest) => this.#diffConfig(request)),
      configure: unary((request: proto.ConfigureRequest) => this.#configure(request)),
      invoke: unary((request: proto.InvokeRequest) => this.#invoke(request)),
      check: this.#ofResource((face, request: proto.CheckRequest) => check(face, request)),
      diff: this.#ofResource((face, request: proto.DiffRequest) => diff(face, request)),
      create: this.#ofResource((face, request: proto.CreateRequest) => create(face, request)),
      read: this.#ofResource((face, request: proto.ReadRequest) => read(face, request)),
      update: this.#ofResource((face, request: proto.UpdateRequest) => update(face, request)),
      delete: this.#ofResource((face, request: proto.DeleteRequest) => remove(face, request)),
      cancel: unary(() => {
        this.#cancel.abort();
        return new Empty();
      }),
    };
  }

  #ofResource<Request extends ResourceRequest, Answer>(
    task: (face: PluginFace, request: Request) => Promise<Answer>,
  ): handleUnaryCall<Request, Answer> {
    const faceOf = (request: Request): PluginFace | undefined => this.#faces.get(request.getType());
    return unary(
      async (request) => {
        const face = faceOf(request);
        if (face === undefined) throw new Error(`there is no resource ${request.getType()}`);
        return task(face, request);
      },
      (request) => faceOf(request)?.resource.secrets,
    );
  }

  #handshake(): proto.ProviderHandshakeResponse {
    const answer = new proto.ProviderHandshakeResponse();
    // The engine marks what was secret in the inputs by itself, at any depth.
    answer.setAcceptSecrets(false);
    answer.setAcceptResources(false);
    answer.setAcceptOutputs(false);
    return answer;
  }

  #pluginInfo(): PluginInfo {
    const info = new PluginInfo();
    info.setVersion(this.#options.version);
    return info;
  }

  #schema(): proto.GetSchemaResponse {
    const { schema, version } = this.#options;
    const answer = new proto.GetSchemaResponse();
    answer.setSchema(JSON.stringify({ ...(JSON.parse(schema()) as object), version }));
    return answer;
  }

  #checkConfig(request: proto.CheckRequest): proto.CheckResponse {
    const news = valuesOf(request.getNews());
    const answer = new proto.CheckResponse();
    answer.setInputs(structOf(news, SECRET_SETTINGS));
    answer.setFailuresList(failuresOf(settingFaults(news)));
    return answer;
  }

  /** Another key or endpoint never replaces what was made with the one before. */
  #diffConfig(request: proto.DiffRequest): proto.DiffResponse {
    const [olds, news] = [valuesOf(request.getOlds()), valuesOf(request.getNews())];
    const updates = SETTINGS.filter((name) => olds[name] !== news[name]);
    return differenceResponse({ replaces: [], updates, deleteBeforeReplace: false }, olds, news);
  }

  #configure(request: proto.ConfigureRequest): proto.ConfigureResponse {
    const { context, environment } = this.#options;
    const settings = providerSettings(
      request.getName() ?? "",
      valuesOf(request.getArgs()),
      environment,
    );
    context.settings = () => settings;
    const answer = new proto.ConfigureResponse();
    answer.setAcceptsecrets(false);
    answer.setSupportspreview(true);
    return answer;
  }

  async #invoke(request: proto.InvokeRequest): Promise<proto.InvokeResponse> {
    const args = valuesOf(request.getArgs());
    const result = await invoke(request.getTok(), args, this.#options.context);
    const answer = new proto.InvokeResponse();
    answer.setReturn(structOf(result, SECRET_RESULTS));
    return answer;
  }
}

function unary<Request, Answer>(
  task: (request: Request) => Promise<Answer> | Answer,
  secretsOf: (request: Request) => readonly string[] | undefined = () => undefined,
): handleUnaryCall<Request, Answer> {
  return ({ request }, respond) => {
    // A throw of the task is a failure of the call, too.
    new Promise<Answer>((resolve) => {
      resolve(task(request));
    }).then(
      (answer) => {
        respond(null, answer);
      },
      (error: unknown) => {
        respond(failureOf(error, secretsOf(request) ?? []));
      },
    );
  };
}

async function check(face: PluginFace, request: proto.CheckRequest): Promise<proto.CheckResponse> {
  const [olds, news] = [valuesOf(request.getOlds()), valuesOf(request.getNews())];
  const checked = await face.check(callOf(request), olds, news, request.getRandomseed_asU8());
  const answer = new proto.CheckResponse();
  answer.setInputs(structOf(checked.inputs, face.resource.secrets));
  answer.setFailuresList(failuresOf(checked.reasons));
  return answer;
}

async function diff(face: PluginFace, request: proto.DiffRequest): Promise<proto.DiffResponse> {
  const recorded = {
    id: request.getId(),
    state: valuesOf(request.getOlds()),
    inputs: valuesOf(request.getOldInputs()),
  };
  const news = valuesOf(request.getNews());
  const { replaces, updates, ...rest } = await face.diff(callOf(request), recorded, news);
  // The engine gives the old inputs for these, and knows nothing of drift.
  const ignored = request.getIgnorechangesList();
  const counts = (name: string): boolean => !ignored.includes(name);
  const difference = {
    ...rest,
    replaces: replaces.filter(counts),
    updates: updates.filter(counts),
  };
  return differenceResponse(difference, recorded.state, news);
}

async function create(
  face: PluginFace,
  request: proto.CreateRequest,
): Promise<proto.CreateResponse> {
  const inputs = valuesOf(request.getProperties());
  const answer = new proto.CreateResponse();
  const { secrets } = face.resource;
  if (request.getPreview()) {
    answer.setProperties(structOf(face.planned(inputs), secrets));
    return answer;
  }
  const { id, state } = await face.create(callOf(request), inputs);
  answer.setId(id);
  answer.setProperties(structOf(state, secrets));
  return answer;
}

async function read(face: PluginFace, request: proto.ReadRequest): Promise<proto.ReadResponse> {
  const found = await face.read(callOf(request), {
    id: request.getId(),
    state: valuesOf(request.getProperties()),
    inputs: valuesOf(request.getInputs()),
  });
  const answer = new proto.ReadResponse();
  // Without an id it is gone.
  if (found === undefined) return answer;
  const { secrets } = face.resource;
  answer.setId(found.id);
  answer.setProperties(structOf(found.state, secrets));
  answer.setInputs(structOf(found.inputs, secrets));
  return answer;
}

async function update(
  face: PluginFace,
  request: proto.UpdateRequest,
): Promise<proto.UpdateResponse> {
  const recorded: Recorded = {
    id: request.getId(),
    state: valuesOf(request.getOlds()),
    inputs: valuesOf(request.getOldInputs()),
  };
  const news = valuesOf(request.getNews());
  const state = request.getPreview()
    ? face.planned(news, recorded.state)
    : await face.update(callOf(request), recorded, news);
  const answer = new proto.UpdateResponse();
  answer.setProperties(structOf(state, face.resource.secrets));
  return answer;
}

async function remove(face: PluginFace, request: proto.DeleteRequest): Promise<Empty> {
  await face.delete(callOf(request), {
    id: request.getId(),
    state: valuesOf(request.getProperties()),
    inputs: valuesOf(request.getOldInputs()),
  });
  return new Empty();
}

function callOf(request: ResourceRequest): Call {
  return { urn: request.getUrn(), timeoutSeconds: request.getTimeout?.() ?? 0 };
}
