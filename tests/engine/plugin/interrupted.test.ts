import { PLUGIN } from "../facePrograms";
import { testInterruptions } from "../interruptedLife";
import { COMPILE_MS, pathWith } from "./companions";

jest.setTimeout(200_000);

beforeAll(async () => {
  process.env["PATH"] = await pathWith("yaml");
}, COMPILE_MS);

// After one Ctrl-C this face has ended before a second could come.
testInterruptions(PLUGIN, ["Ctrl-C", "kill -9 of the CLI", "kill -9 of the host"]);
