import { Coverage } from "./coverage";
import { live } from "./runHistories";
import { SEEDS } from "./seeds";

test.each(SEEDS)("$found: no more", ({ history }) => live(history, new Coverage()));
