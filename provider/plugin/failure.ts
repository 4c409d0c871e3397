import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";

import { errorOf, PartlyMadeError } from "../core/errors";
import { withoutControls } from "../vendor/displayText";
import { structOf } from "./values";

/** The error as the engine takes it: of a partly made resource the engine keeps the state. */
export function failureOf(error: unknown, secrets: readonly string[]): ServiceError {
  const message = withoutControls(errorOf(error).message);
  const metadata = new Metadata();
  if (error instanceof PartlyMadeError)
    metadata.add("grpc-status-details-bin", detailsOf(error, message, secrets));
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata });
}

function detailsOf(error: PartlyMadeError, message: string, secrets: readonly string[]): Buffer {
  const partlyMade = new ErrorResourceInitFailed();
  partlyMade.setId(error.id);
  partlyMade.setProperties(structOf(error.properties, secrets));
  partlyMade.setReasonsList([message]);
  const detail = new Any();
  detail.pack(partlyMade.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(message);
  answer.addDetails(detail);
  return Buffer.from(answer.serializeBinary());
}
