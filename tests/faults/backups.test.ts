import { describeFaults } from "./describeFaults";
import { BACKUP_CREATES } from "./backupOperations";

describeFaults("backups", BACKUP_CREATES);
