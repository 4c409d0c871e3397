import { testShare } from "./runHistories";

testShare(3);
