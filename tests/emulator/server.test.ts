import { request as httpRequest } from "node:http";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";
import { ORDER } from "./virtualEmulator";

let emulator: Emulator | undefined;

async function start(options?: EmulatorOptions): Promise<Emulator> {
  emulator = await startEmulator(options);
  return emulator;
}

afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
});

let nonce = 0;

function urlOf({ url, api }: Emulator, action: string, method: "GET" | "POST"): string {
  nonce += 1;
  const timestamp = formatTimestamp(Date.now());
  const query = signedQuery(
    { action, method, params: {}, nonce: String(nonce), timestamp },
    api.credentials,
  );
  return `${url}/redis/?${query}`;
}

describe("the server", () => {
  test("listens on a free port of loopback, and tells its address and fake credentials", async () => {
    const { url, accessKeyId, accessKeySecret } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([accessKeyId, accessKeySecret]).toEqual([
      "EMULATOR-ACCESS-KEY-ID",
      "emulator-access-key-secret-not-a-real-one",
    ]);
  });

  test("answers over HTTP, reads and writes", async () => {
    const running = await start({ accessKeyId: "id", accessKeySecret: "secret" });
    const regions = await fetch(urlOf(running, "DescribeRegins", "GET"));
    expect(regions.headers.get("content-type")).toBe("application/json");
    expect(await regions.json()).toMatchObject({ Code: "Success", Message: "Success." });
    const created = await fetch(urlOf(running, "CreateDBInstance", "POST"), {
      method: "POST",
      body: JSON.stringify(ORDER),
    });
    expect(created.status).toBe(200);
    expect(running.store.instances()).toMatchObject([{ instanceName: "cache" }]);
    expect(running.requests.map(({ action }) => action)).toEqual([
      "DescribeRegins",
      "CreateDBInstance",
    ]);
  });

  test("gives the time of the injected clock in Date", async () => {
    const running = await start({ now: () => Date.parse("2026-01-02T03:04:05Z") });
    const answer = await fetch(`${running.url}/`);
    expect(answer.headers.get("date")).toBe("Fri, 02 Jan 2026 03:04:05 GMT");
    expect(answer.status).toBe(404);
  });

  test.each([
    ["a loopback address", "127.0.0.1"],
    ["all addresses", "0.0.0.0"],
  ])("on %s serves a backup's file where DownloadBackup says", async (_, host) => {
    const running = await start({ deliverySeconds: 0, host, allowRemote: true });
    await fetch(urlOf(running, "CreateDBInstance", "POST"), {
      method: "POST",
      body: JSON.stringify(ORDER),
    });
    const InstanceUuid = running.store.instances()[0]?.instanceUuid ?? "";
    await fetch(urlOf(running, "CreateBackup", "POST"), {
      method: "POST",
      body: JSON.stringify({ InstanceUuid }),
    });
    const BackupId = running.store.backups()[0]?.backupId ?? "";
    const query = signedQuery(
      {
        action: "DownloadBackup",
        method: "GET",
        params: { InstanceUuid, BackupId },
        nonce: "download",
        timestamp: formatTimestamp(Date.now()),
      },
      running.api.credentials,
    );
    const answer = await fetch(`${running.url}/redis/?${query}`);
    const { Data } = (await answer.json()) as { Data: Record<string, string> };
    for (const name of ["BackupDownloadUrl", "BackupIntranetDownloadUrl"]) {
      expect(Data[name]).toMatch(/^http:\/\/127\.0\.0\.1:/);
      const file = await fetch(Data[name] ?? "");
      expect(file.headers.get("content-disposition")).toContain(`${BackupId}.rdb`);
      expect(Buffer.from(await file.arrayBuffer()).toString("latin1")).toMatch(/^REDIS0009\xff/);
    }
    const refused = await fetch(`${running.url}/backups/${BackupId}`);
    expect(await refused.json()).toMatchObject({ Code: "DownloadTokenInvalid" });
  });

  test("gives out download URLs under the address that clients use", async () => {
    const publicUrl = "http://emulator:43017/";
    const running = await start({ deliverySeconds: 0, publicUrl });
    const order = { method: "POST", body: JSON.stringify(ORDER) };
    await fetch(urlOf(running, "CreateDBInstance", "POST"), order);
    const InstanceUuid = running.store.instances()[0]?.instanceUuid ?? "";
    const [BackupId = ""] = running.store.createBackup(InstanceUuid, "");
    const query = signedQuery(
      {
        action: "DownloadBackup",
        method: "GET",
        params: { InstanceUuid, BackupId },
        nonce: "public",
        timestamp: formatTimestamp(Date.now()),
      },
      running.api.credentials,
    );
    const { Data } = (await (await fetch(`${running.url}/redis/?${query}`)).json()) as {
      Data: Record<string, string>;
    };
    expect(Data["BackupDownloadUrl"]).toMatch(/^http:\/\/emulator:43017\/backups\//);
  });

  test.each(["emulator:43017", "ftp://emulator", "http://emulator/redis/"])(
    "refuses %s as the address that clients use",
    async (publicUrl) => {
      await expect(startEmulator({ publicUrl })).rejects.toThrow("--public-url");
    },
  );

  test("takes no body larger than 1 MiB, and goes on", async () => {
    const running = await start();
    const answer = await fetch(urlOf(running, "CreateDBInstance", "POST"), {
      method: "POST",
      body: "x".repeat(1024 * 1024 + 1),
    });
    expect(answer.status).toBe(413);
    expect((await fetch(urlOf(running, "DescribeRegins", "GET"))).status).toBe(200);
  });

  test("refuses a host that other machines reach, unless told", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.com", "127.evil.example"]) {
      await expect(startEmulator({ host })).rejects.toThrow(/is not loopback.*allowRemote/);
    }
    const running = await start({ host: "0.0.0.0", allowRemote: true });
    expect(running.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });

  test("names a port that is in use, or out of range", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(startEmulator({ port })).rejects.toThrow(`port ${port} is in use`);
    await expect(startEmulator({ port: 70000 })).rejects.toThrow("0 to 65535");
  });

  test.each([{ deliverySeconds: -1 }, { backupSeconds: NaN }, { deliveryJitter: 2 }])(
    "refuses the option %j",
    async (options) => {
      await expect(startEmulator(options)).rejects.toThrow(/must be/);
    },
  );

  test("closing ends open connections, and may be done twice", async () => {
    const running = await start();
    const socketClosed = new Promise<void>((resolve, reject) => {
      const request = httpRequest(`${running.url}/redis/`, { method: "POST" });
      request.on("error", () => {
        resolve();
      });
      request.on("response", () => {
        reject(new Error("answered"));
      });
      request.write("{");
      request.on("socket", (socket) => {
        socket.on("connect", () => {
          void running.close();
        });
      });
    });
    await socketClosed;
    await running.close();
    await expect(fetch(running.url)).rejects.toThrow();
  });
});
