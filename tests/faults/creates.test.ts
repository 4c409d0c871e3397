import { describeFaults } from "./describeFaults";
import { CREATES } from "./instanceOperations";

describeFaults("creates", CREATES);
