import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { startEmulator } from "../../emulator";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) {
  process.stderr.write("Skipped: the independent client needs python3, which is not installed.\n");
}
const testWithPython = hasPython ? test : test.skip;

interface Outcome {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

function runPython(url: string, environment: Record<string, string>): Promise<Outcome> {
  const child = spawn("python3", [join(__dirname, "independent_client.py"), url], {
    env: { ...process.env, PYTHONIOENCODING: "utf-8", ...environment },
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      resolve({
        exitCode,
        out: Buffer.concat(out).toString("utf8"),
        err: Buffer.concat(err).toString("utf8"),
      });
    });
  });
}

describe("a client that is not ours, signing as the vendor's document says", () => {
  testWithPython("lives through the whole life of an instance and its backup", async () => {
    // A second passes with each request, so that nobody has to sleep.
    let passed = 0;
    const emulator = await startEmulator({
      seed: "python",
      deliverySeconds: 5,
      backupSeconds: 2,
      deleteSeconds: 2,
      anyNetwork: true,
      now: () => Date.now() + passed,
      log: () => {
        passed += 1000;
      },
    });
    try {
      const { exitCode, out, err } = await runPython(emulator.url, {
        CDS_SECRET_ID: emulator.accessKeyId,
        CDS_SECRET_KEY: emulator.accessKeySecret,
        REDIS_PASSWORD: "canary-password-1",
      });
      expect([exitCode, err]).toEqual([0, ""]);
      const { delivery, after, ...seen } = JSON.parse(out) as Record<string, unknown[]>;
      expect(seen).toEqual({
        regions: 18,
        created: [200, "Success", "Success."],
        instance: ["缓存 a+b*c~d/e%20'(1)!", 8192, "5.0", "Redis 集群版"],
        backup: [200, {}, "succes"],
        entries: [
          ["测试Redis备份", "18", "manual"],
          ["测试Redis备份", "18", "manual"],
        ],
        file: ["REDIS0009", 18],
        "deleted backup": 200,
        deleted: 200,
      });
      expect(delivery?.[0]).toEqual(["CREATING"]);
      expect(delivery?.at(-1)).toEqual(["RUNNING"]);
      expect(after).toEqual([404, expect.objectContaining({ Code: "ResourceNotFound" })]);
      expect(emulator.store.instances()).toEqual([]);
    } finally {
      await emulator.close();
    }
  });

  testWithPython("is refused with another secret", async () => {
    const emulator = await startEmulator();
    try {
      const { exitCode } = await runPython(emulator.url, {
        CDS_SECRET_ID: emulator.accessKeyId,
        CDS_SECRET_KEY: "another secret",
        REDIS_PASSWORD: "canary-password-1",
      });
      expect(exitCode).not.toBe(0);
      expect(emulator.requests).toMatchObject([{ status: 403, code: "SignatureDoesNotMatch" }]);
    } finally {
      await emulator.close();
    }
  });
});
