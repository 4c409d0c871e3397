import { stackSettings } from "../../../provider/core/configuration";

const keys = { "cds:accessKeyId": "AK", "cds:accessKeySecret": "SK" };

function read(config: Record<string, string>, environment: Record<string, string> = {}): unknown {
  return stackSettings((key) => config[key], environment).forClient();
}

test("stack configuration comes before the environment", () => {
  const environment = { CDS_SECRET_ID: "env-id", CDS_SECRET_KEY: "env-key" };
  expect(read({ "cds:accessKeyId": "AK" }, environment)).toMatchObject({
    credentials: { accessKeyId: "AK", accessKeySecret: "env-key" },
  });
});

test.each([
  [undefined, "https://cdsapi.capitalonline.net"],
  ["china", "https://cdsapi.capitalonline.net"],
  ["asia", "https://cdsapi-asia.capitalonline.net"],
  ["america", "https://cdsapi-us.capitalonline.net"],
  ["https://gateway.example/cds/", "https://gateway.example/cds"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["http://localhost:8080/", "http://localhost:8080"],
  ["http://[::1]:8080", "http://[::1]:8080"],
])("cds:endpoint %s is %s", (given, endpoint) => {
  const config = given === undefined ? keys : { ...keys, "cds:endpoint": given };
  expect(read(config)).toMatchObject({ endpoint });
});

test.each<[Record<string, string>, RegExp]>([
  [{}, /cds:accessKeyId.*CDS_SECRET_ID/],
  [{ "cds:accessKeyId": " ", "cds:accessKeySecret": "SK" }, /cds:accessKeyId/],
  [{ "cds:accessKeyId": "AK" }, /cds:accessKeySecret.*CDS_SECRET_KEY/],
  [{ ...keys, "cds:endpoint": "constructor" }, /"constructor".*china, asia, america/],
  [{ ...keys, "cds:endpoint": "moon" }, /"moon".*china, asia, america/],
  // Else a script that misses the address of the emulator orders at the vendor.
  [{ ...keys, "cds:endpoint": " " }, /cds:endpoint is empty: remove it for china/],
  [{ ...keys, "cds:endpoint": "http://cdsapi.capitalonline.net" }, /use https:/],
  [{ ...keys, "cds:endpoint": "http://127.0.0.1.example" }, /use https:/],
  [{ ...keys, "cds:endpoint": "ftp://x" }, /use https:/],
  [{ ...keys, "cds:endpoint": "https://user:canary@x" }, /bare URL/],
])("%j is refused with the key to mend", (config, message) => {
  expect(() => read(config)).toThrow(message);
  expect(() => read(config)).not.toThrow(/canary/);
});

test("errors name the settings that the account reads", () => {
  expect(read(keys)).toMatchObject({
    settingNames: {
      accessKey: "cds:accessKeyId and cds:accessKeySecret, or CDS_SECRET_ID and CDS_SECRET_KEY",
      endpoint: "cds:endpoint",
    },
  });
  expect(
    stackSettings(
      (key) => ({ "cds-prod:accessKeyId": "AK", "cds-prod:accessKeySecret": "SK" })[key],
      {},
      "prod",
    ).forClient().settingNames,
  ).toEqual({
    accessKey: "cds-prod:accessKeyId and cds-prod:accessKeySecret",
    endpoint: "cds-prod:endpoint",
  });
});
