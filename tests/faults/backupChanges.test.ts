import { describeFaults } from "./describeFaults";
import { BACKUP_CHANGES } from "./backupOperations";

describeFaults("backupChanges", BACKUP_CHANGES);
