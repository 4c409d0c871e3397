import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

import type { ContextOptions } from "../core/context";

/** Shows lines on the rows of resources, by the log of the engine at this address. */
export function reportToEngine(address: string | undefined): ContextOptions["report"] {
  if (address === undefined) return () => undefined;
  const engine = new EngineClient(address, credentials.createInsecure());
  return (urn, text, kind) => {
    if (urn === undefined) return undefined;
    const request = new LogRequest();
    request.setUrn(urn);
    request.setMessage(text);
    request.setSeverity(kind === "warning" ? LogSeverity.WARNING : LogSeverity.INFO);
    request.setEphemeral(kind === "status");
    // What can't be shown is no failure of the operation.
    return new Promise((resolve) => {
      engine.log(request, () => {
        resolve();
      });
    });
  };
}
