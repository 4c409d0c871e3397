import { testShare } from "./runHistories";

testShare(2);
