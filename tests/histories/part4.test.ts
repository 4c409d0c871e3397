import { testShare } from "./runHistories";

testShare(4);
