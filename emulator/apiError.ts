/** A refusal of the API: an HTTP status and a `Code`. The message never holds a secret. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

// The vendor documents these codes with their HTTP statuses (错误码).

export function argMissing(name: string): ApiError {
  return new ApiError(400, "ArgMissing", `The parameter ${name} is missing.`);
}

export function invalidParameter(message: string): ApiError {
  return new ApiError(400, "InvalidParameter", message);
}

export function unsupportedOperation(message: string): ApiError {
  return new ApiError(400, "UnsupportedOperation", message);
}

export function resourceNotFound(message: string): ApiError {
  return new ApiError(404, "ResourceNotFound", message);
}

export function resourceInUse(message: string): ApiError {
  return new ApiError(409, "ResourceInUse", message);
}

/** Throttling is not documented: the code is the emulator's own. */
export function tooManyRequests(): ApiError {
  return new ApiError(429, "TooManyRequests", "There are too many requests.");
}
