import { testShare } from "./runHistories";

testShare();
