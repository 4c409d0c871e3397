import { describeFaults } from "./describeFaults";
import { CHANGES } from "./instanceOperations";

describeFaults("changes", CHANGES);
