/** The emulator can't start with these options. The message is one line that says what to do. */
export class EmulatorStartError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "EmulatorStartError";
  }
}
