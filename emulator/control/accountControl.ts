import { z } from "zod";
import type { EmulatorStore } from "../store";
import {
  CONTROL_PATH,
  json,
  refusal,
  sentJson,
  wrongMethod,
  type ControlAnswer,
  type ControlRequest,
} from "./controlGuard";

/** The path of an instance or a backup is one of these with its id behind it. */
const INSTANCES_PATH = `${CONTROL_PATH}instances/`;
const BACKUPS_PATH = `${CONTROL_PATH}backups/`;

const text = z.string().min(1).max(200);

/** What can be changed. `status` may be any text, because the vendor documents only `RUNNING`. */
const instanceChange = z.strictObject({
  ramGb: z.number().positive().max(100_000).optional(),
  version: text.optional(),
  subProductName: text.optional(),
  port: z.int().min(1).max(65_535).optional(),
  instanceName: text.optional(),
  status: text.optional(),
  tags: z.array(z.strictObject({ tagId: z.int(), tagName: text })).optional(),
});

/**
 * Changes (PATCH) or removes (DELETE) an instance, or removes (DELETE) a backup entry, at once and behind Pulumi's back.
 * Undefined for another path. `answeredControl` has let the request in.
 */
export function answerAccountControl(
  store: EmulatorStore,
  path: string,
  request: ControlRequest,
): ControlAnswer | undefined {
  const isInstance = path.startsWith(INSTANCES_PATH);
  if (!isInstance && !path.startsWith(BACKUPS_PATH)) return undefined;
  const id = path.slice((isInstance ? INSTANCES_PATH : BACKUPS_PATH).length);
  return isInstance ? ofInstance(store, id, request) : ofBackup(store, id, request);
}

function ofInstance(store: EmulatorStore, id: string, request: ControlRequest): ControlAnswer {
  const instance = store.findInstance(id);
  if (instance === undefined) return refusal(404, "The emulator has no such instance.");
  switch (request.method) {
    case "GET":
      return json(200, instance);
    case "DELETE":
      store.removeInstance(id);
      return json(200, { removed: id });
    case "PATCH":
      return changed(store, id, request);
    default:
      return wrongMethod(
        "GET shows the instance, PATCH changes it, DELETE removes it with its backups.",
        "GET, PATCH, DELETE",
      );
  }
}

function changed(store: EmulatorStore, id: string, request: ControlRequest): ControlAnswer {
  const fields = Object.keys(instanceChange.shape).join(", ");
  const sent = sentJson(request, `an object with the fields to change: ${fields}`);
  if ("refused" in sent) return sent.refused;
  const result = instanceChange.safeParse(sent.value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    return refusal(
      400,
      `${path === "" ? "" : `${path}: `}${issue?.message ?? "invalid"}. Nothing was changed; the fields are ${fields}.`,
    );
  }
  const given = Object.entries(result.data).filter(([, value]) => value !== undefined);
  store.changeInstance(id, Object.fromEntries(given));
  return json(200, store.findInstance(id) ?? {});
}

function ofBackup(store: EmulatorStore, id: string, { method }: ControlRequest): ControlAnswer {
  const backup = store.backups().find(({ backupId }) => backupId === id);
  if (backup === undefined) return refusal(404, "The emulator has no such backup.");
  switch (method) {
    case "GET":
      return json(200, backup);
    case "DELETE":
      store.removeBackup(id);
      return json(200, { removed: id });
    default:
      return wrongMethod("GET shows the backup, DELETE removes it.", "GET, DELETE");
  }
}
