import type { AnswerBody } from "./answerBody";
import { ApiError } from "./apiError";
import type { Parameters } from "./parameters";
import type { LogEntry } from "./requestLog";

/** The answer of a call that was carried out or refused, with its line of the log. */
export interface Outcome {
  readonly entry: Omit<LogEntry, "method" | "at" | "milliseconds">;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** What is known of a request when it is answered or refused. */
export interface Seen {
  action: string;
  parameters?: Parameters;
}

/** The answer, or the refusal that `answer` throws. @throws Error when the emulator itself failed. */
export function answeredOrRefused(seen: Seen, answer: () => Outcome): Outcome {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, code, message } = error;
    return {
      entry: { ...seen, status, code, message },
      contentType: "application/json",
      body: JSON.stringify({ Code: code, Data: {}, Message: message, TaskId: "" }),
    };
  }
}

export function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}
