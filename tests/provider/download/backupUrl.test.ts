import { addressKind, backupTarget, type BackupTarget } from "../../../provider/download/backupUrl";
import { BackupDownloadError } from "../../../provider/vendor/errors";
import { CANARY, FileVendor } from "./fileVendor";

const VENDOR = "https://cdsapi.capitalonline.net";
const EMULATOR = "http://127.0.0.1:43017";
const target = (url: string, isIntranet = false, endpoint = VENDOR): BackupTarget =>
  backupTarget(url, { endpoint, isIntranet });

test.each([
  ["8.8.8.8", "public"],
  ["2001:4860:4860::8888", "public"],
  ["::ffff:8.8.8.8", "public"],
  ["172.32.0.1", "public"],
  ["127.0.0.1", "loopback"],
  ["127.9.9.9", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["64:ff9b::7f00:1", "loopback"],
  ["2002:7f00:1::1", "special"],
  ["10.1.2.3", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["fd00::1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["::ffff:c0a8:1", "private"],
  ["64:ff9b::a00:1", "private"],
  ["169.254.169.254", "special"],
  ["::ffff:a9fe:a9fe", "special"],
  ["fe80::1", "special"],
  ["fe80::1%eth0", "special"],
  ["0.0.0.0", "special"],
  ["::", "special"],
  ["224.0.0.1", "special"],
  ["255.255.255.255", "special"],
  ["ff02::1", "special"],
  ["::127.0.0.1", "special"],
  ["::ffff:0:7f00:1", "special"],
  ["64:ff9b:1::a00:1", "special"],
  ["2001:0:a00:1::", "special"],
])("the address %s is %s", (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

const query = `?token=${CANARY}`;

test.each<[string, boolean, string]>([
  [`https://files.example.com/a${query}`, false, VENDOR],
  [`https://8.8.8.8/a${query}`, false, VENDOR],
  [`https://[2001:4860:4860::8888]/a${query}`, false, VENDOR],
  [`https://10.0.0.1/a${query}`, true, VENDOR],
  [`http://10.0.0.1/a${query}`, true, VENDOR],
  [`http://[fd00::1]/a${query}`, true, VENDOR],
  [`http://files.internal/a${query}`, true, VENDOR],
  [`http://127.0.0.1:8000/a${query}`, false, EMULATOR],
  [`http://127.0.0.1:8000/a${query}`, true, EMULATOR],
  [`http://[::1]:8000/a${query}`, false, EMULATOR],
  [`https://files.example.com/a${query}`, false, EMULATOR],
])("%s is used (intranet: %j, API at %s)", (url, isIntranet, endpoint) => {
  expect(target(url, isIntranet, endpoint).url).toBe(url);
});

test.each<[string, boolean, string, string]>([
  [`http://files.example.com/a${query}`, false, VENDOR, "it is http"],
  [`http://8.8.8.8/a${query}`, true, VENDOR, "it is http to a public address"],
  [`http://8.8.8.8/a${query}`, false, EMULATOR, "it is http to a public address"],
  [`https://10.0.0.1/a${query}`, false, VENDOR, "a private address"],
  [`https://10.0.0.1/a${query}`, false, EMULATOR, "a private address"],
  [`https://127.0.0.1/a${query}`, false, VENDOR, "leads to this machine"],
  [`https://127.0.0.1/a${query}`, true, VENDOR, "leads to this machine"],
  [`https://2130706433/a${query}`, false, VENDOR, "leads to this machine"],
  [`https://0x7f.1/a${query}`, false, VENDOR, "leads to this machine"],
  [`https://[::ffff:127.0.0.1]/a${query}`, false, VENDOR, "leads to this machine"],
  [`https://169.254.169.254/a${query}`, true, VENDOR, "a reserved address, where no backup can be"],
  [`https://user:pass@files.example.com/a${query}`, false, VENDOR, "holds a user or password"],
  [`ftp://files.example.com/a${query}`, false, VENDOR, "it is not https"],
  [`file:///etc/passwd${query}`, false, EMULATOR, "it is not https"],
  [`not a URL ${CANARY}`, false, VENDOR, "it is no URL"],
])("%s is refused (intranet: %j, API at %s)", (url, isIntranet, endpoint, words) => {
  let thrown: unknown;
  try {
    target(url, isIntranet, endpoint);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BackupDownloadError);
  expect(String(thrown)).toMatch(words);
  expect(String(thrown)).not.toContain(CANARY);
});

describe("a name is held against the rules by the address that is connected to", () => {
  const looked = ({ lookup }: BackupTarget, name: string): Promise<unknown> =>
    lookup(name, {}).then(
      ([addresses]) => addresses.map(({ address }) => address),
      (error: unknown) => String(error),
    );

  test("of this machine", async () => {
    const refused = expect.stringContaining("leads to this machine") as string;
    expect(await looked(target("https://localhost/"), "localhost")).toEqual(refused);
    expect(await looked(target("https://localhost/", true), "localhost")).toEqual(refused);
    const ours = await looked(target("http://localhost/", false, EMULATOR), "localhost");
    expect(ours).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]));
  });

  test("when the file is fetched", async () => {
    const vendor = await new FileVendor().start();
    try {
      const port = new URL(vendor.url).port;
      vendor.answer = { BackupDownloadUrl: `https://localhost:${port}/a${query}` };
      const { message } = await vendor.failure({ client: vendor.client(VENDOR) });
      expect(message).toBe(
        `backup backup-1 was not downloaded to ${vendor.folder}: the vendor's download URL is not used: it leads to this machine.`,
      );
      vendor.answer = { BackupDownloadUrl: `http://127.0.0.1:${port}/a${query}` };
      expect((await vendor.failure({ client: vendor.client(VENDOR) })).message).toMatch(
        "it is http",
      );
      expect(vendor.requests).toEqual([]);
    } finally {
      await vendor.close();
    }
  });
});
