import type { ServiceError } from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

import { SECRET, SIGNATURE } from "../../../provider/core/engineValues";
import { ProviderService } from "../../../provider/plugin/service";
import type { EmulatedVendor } from "../../emulatedVendor";
import { REGION, type Bag } from "../orders";

export const INSTANCE = "cds-redis:index:RedisInstance";
export const BACKUP = "cds-redis:index:RedisBackup";
export const KEYS = {
  endpoint: "china",
  accessKeyId: "EMULATOR-ACCESS-KEY-ID",
  accessKeySecret: "emulator-access-key-secret-not-a-real-one",
};
export const PASSWORD = "canary-1Aa";

export function urnOf(type: string, name = "cache"): string {
  return `urn:pulumi:dev::shop::${type}::${name}`;
}

/** What a program in any language gives for an instance. */
export function order(change: Bag = {}): Bag {
  return {
    ...{ regionId: REGION, vdcId: "vdc-1", basePipeId: "pipe-1", password: PASSWORD },
    ...{ version: "2.8.19", architecture: "read-write-splitting", ramGb: 8 },
    ...change,
  };
}

export function secret(value: unknown): Bag {
  return { [SIGNATURE]: SECRET, value };
}

interface ResourceMessage {
  setUrn(urn: string): unknown;
  setType(type: string): unknown;
}

/** The plugin as the engine calls it, but for the socket between them. */
export class PluginCalls {
  readonly #service: ProviderService;
  readonly #vendor: EmulatedVendor;

  constructor(vendor: EmulatedVendor, environment: Readonly<Record<string, string>> = {}) {
    this.#vendor = vendor;
    this.#service = new ProviderService({
      context: vendor.host({}, vendor.stack, environment),
      environment,
      version: "1.2.3",
      schema: () => '{"name":"cds-redis"}',
    });
  }

  /** A plugin that was given the keys. */
  static async configured(vendor: EmulatedVendor): Promise<PluginCalls> {
    const plugin = new PluginCalls(vendor);
    await plugin.configure(KEYS);
    return plugin;
  }

  async call<Answer>(name: string, request: unknown): Promise<Answer> {
    const handler = this.#service.handlers()[name] as unknown as (
      call: { readonly request: unknown },
      respond: (error: ServiceError | null, answer?: Answer) => void,
    ) => void;
    return new Promise((resolve, reject) => {
      handler({ request }, (error, answer) => {
        if (error === null) resolve(answer as Answer);
        else reject(error);
      });
    });
  }

  async configure(args: Bag, name = "default"): Promise<void> {
    const request = new proto.ConfigureRequest();
    request.setArgs(struct(args));
    request.setName(name);
    await this.call("configure", request);
  }

  async check(
    type: string,
    olds: Bag,
    news: Bag,
    seed = "seed",
  ): Promise<{ inputs: Bag; reasons: string[] }> {
    const request = of(new proto.CheckRequest(), type);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    request.setRandomseed(Buffer.from(seed));
    const answer = await this.call<proto.CheckResponse>("check", request);
    const failures = answer.getFailuresList();
    expect(failures.map((failure) => failure.getProperty()).join("")).toBe("");
    return { inputs: bag(answer), reasons: failures.map((failure) => failure.getReason()) };
  }

  async diff(
    type: string,
    recorded: Recorded,
    news: Bag,
    ignored: readonly string[] = [],
  ): Promise<proto.DiffResponse.AsObject> {
    const request = of(new proto.DiffRequest(), type);
    request.setIgnorechangesList([...ignored]);
    request.setId(recorded.id);
    request.setOlds(struct(recorded.state));
    request.setOldInputs(struct(recorded.inputs));
    request.setNews(struct(news));
    return (await this.call<proto.DiffResponse>("diff", request)).toObject();
  }

  /** Checks and creates, as the engine does it. */
  async create(type: string, news: Bag, change: Change = {}): Promise<Recorded> {
    const { inputs, reasons } = await this.check(type, {}, news);
    expect(reasons).toEqual([]);
    const request = of(new proto.CreateRequest(), type);
    request.setProperties(struct(inputs));
    request.setPreview(change.isPreview ?? false);
    request.setTimeout(change.timeoutSeconds ?? 0);
    const ended = this.#vendor.stack.begin({ ...inputs, __urn: urnOf(type) });
    try {
      const answer = await this.call<proto.CreateResponse>("create", request);
      const state = answer.getProperties()?.toJavaScript() as Bag;
      return { id: answer.getId(), state, inputs };
    } finally {
      ended();
    }
  }

  async read(type: string, id: string, state: Bag = {}, inputs: Bag = {}): Promise<Recorded> {
    const request = of(new proto.ReadRequest(), type);
    request.setId(id);
    request.setProperties(struct(state));
    request.setInputs(struct(inputs));
    const answer = await this.call<proto.ReadResponse>("read", request);
    const given = answer.getInputs()?.toJavaScript() as Bag | undefined;
    return { id: answer.getId(), state: bagOf(answer.getProperties()), inputs: given ?? {} };
  }

  async update(type: string, recorded: Recorded, news: Bag, isPreview = false): Promise<Bag> {
    const request = of(new proto.UpdateRequest(), type);
    request.setId(recorded.id);
    request.setOlds(struct(recorded.state));
    request.setOldInputs(struct(recorded.inputs));
    request.setNews(struct(news));
    request.setPreview(isPreview);
    return bagOf((await this.call<proto.UpdateResponse>("update", request)).getProperties());
  }

  async delete(type: string, { id, state }: Recorded): Promise<void> {
    const request = of(new proto.DeleteRequest(), type);
    request.setId(id);
    request.setProperties(struct(state));
    await this.call("delete", request);
  }

  async cancel(): Promise<void> {
    await this.call("cancel", new Empty());
  }

  async invoke(token: string, args: Bag = {}): Promise<Bag> {
    const request = new proto.InvokeRequest();
    request.setTok(token);
    request.setArgs(struct(args));
    return bagOf((await this.call<proto.InvokeResponse>("invoke", request)).getReturn());
  }
}

export interface Recorded {
  readonly id: string;
  readonly state: Bag;
  readonly inputs: Bag;
}

export interface Change {
  readonly isPreview?: boolean;
  readonly timeoutSeconds?: number;
}

function of<Request extends ResourceMessage>(request: Request, type: string): Request {
  request.setUrn(urnOf(type));
  request.setType(type);
  return request;
}

export function struct(values: Bag): Struct {
  return Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
}

function bag(answer: proto.CheckResponse): Bag {
  return bagOf(answer.getInputs());
}

function bagOf(values: Struct | undefined): Bag {
  return values?.toJavaScript() ?? {};
}

/** What the engine keeps of a resource although the call failed; undefined where it keeps nothing. */
export function keptBy(error: unknown): { id: string; state: Bag; reasons: string[] } | undefined {
  const [details] = (error as ServiceError).metadata.get("grpc-status-details-bin");
  if (details === undefined) return undefined;
  const [detail] = Status.deserializeBinary(Buffer.from(details)).getDetailsList();
  const kept = proto.ErrorResourceInitFailed.deserializeBinary(
    detail?.getValue_asU8() ?? Buffer.of(),
  );
  return { id: kept.getId(), state: bagOf(kept.getProperties()), reasons: kept.getReasonsList() };
}
