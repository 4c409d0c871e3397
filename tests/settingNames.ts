/** How errors name the settings of the default account. */
export const SETTING_NAMES = {
  accessKey: "cds:accessKeyId and cds:accessKeySecret, or CDS_SECRET_ID and CDS_SECRET_KEY",
  endpoint: "cds:endpoint",
};
