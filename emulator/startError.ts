/** The emulator can't start as it was asked to. The message is one line for a person and says what to do. */
export class EmulatorStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmulatorStartError";
  }
}
