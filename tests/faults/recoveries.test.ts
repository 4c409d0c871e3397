import { describeFaults } from "./describeFaults";
import { RECOVERIES } from "./instanceOperations";

describeFaults("recoveries", RECOVERIES);
