import { runCells } from "./matrix/cells.mts";

process.exitCode = await runCells(process.argv.slice(2));
