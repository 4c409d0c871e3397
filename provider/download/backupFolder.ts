/** Such as `cache-1a2b3c4-20261121T163000`, by the time in Beijing. Names and times are the vendor's: nothing of them leads elsewhere. */
export function backupFolderName(
  { instanceId, instanceName }: { readonly instanceId: string; readonly instanceName: string },
  startTime: string | undefined,
): string {
  const name = plain(instanceName) || plain(instanceId);
  const start = (startTime ?? "").replace(/(\+|Z).*$/, "").replaceAll(/[-:]/g, "");
  return `${name}-${plain(start) || "backup"}`;
}

function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "");
}
