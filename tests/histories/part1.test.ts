import { testShare } from "./runHistories";

testShare(1);
