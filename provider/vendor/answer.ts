import { z } from "zod";

import { CdsAnswerError, CdsApiError, type ApiErrorDetails, type Target } from "./errors";
import { withoutSecrets } from "./secrets";
import type { HttpAnswer } from "./transport";
import { looseText } from "./wire";

/** What the client knows of the call that an answer is for. */
export interface Asked extends Target {
  readonly action: string;
  readonly isWrite: boolean;
  /** Whether the vendor accepted an earlier call with the same key and clock. */
  readonly keyWasAccepted: boolean;
  /** What the vendor's texts may echo. */
  readonly secrets: readonly string[];
}

const envelope = z.looseObject({
  Code: z.string(),
  // What became of the call doesn't depend on these.
  Message: looseText,
  TaskId: looseText,
  Data: z.unknown().optional(),
});

/** A gateway before the vendor's API refuses in its own words; with any other status they may mean anything. */
const REFUSED_BY_GATEWAY: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * What a call should bring, from `Data` of its answer. Throws a {@link CdsApiError} where the vendor or
 * a gateway refused, and a {@link CdsAnswerError} where the answer can't be read.
 */
export function decodeAnswer<T>(asked: Asked, answer: HttpAnswer, data: z.ZodType<T>): T {
  const { action, endpoint, settingNames } = asked;
  const { success, data: wire } = envelope.safeParse(parseJson(answer.text));
  if (!success) {
    if (REFUSED_BY_GATEWAY.has(answer.status))
      throw refusal(asked, answer, { Code: "refused", Message: "", TaskId: "" });
    const reason = `it is not JSON with a Code, as the vendor's: check ${settingNames.endpoint}, ${endpoint}`;
    throw new CdsAnswerError(action, answer.status, reason);
  }
  if (wire.Code !== "Success" || answer.status >= 300) throw refusal(asked, answer, wire);
  const decoded = data.safeParse(wire.Data);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  const path = ["Data", ...(issue?.path ?? [])].join(".");
  throw new CdsAnswerError(
    action,
    answer.status,
    `${path}: ${issue?.message ?? "not as expected"}`,
  );
}

function refusal(
  asked: Asked,
  { status, retryAfterMs }: HttpAnswer,
  wire: Readonly<Record<"Code" | "Message" | "TaskId", string>>,
): CdsApiError {
  const clean = (text: string): string => withoutSecrets(text, asked.secrets);
  const { action, isWrite, keyWasAccepted, settingNames } = asked;
  const details: ApiErrorDetails = {
    httpStatus: status,
    code: clean(wire.Code),
    vendorMessage: clean(wire.Message),
    taskId: wire.TaskId === "" ? undefined : clean(wire.TaskId),
    retryAfterMs,
    isWrite,
    keyWasAccepted,
    settingNames,
  };
  return new CdsApiError(action, details);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
