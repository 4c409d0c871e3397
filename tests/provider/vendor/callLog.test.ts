import fs, {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { AxiosError, type AxiosAdapter } from "axios";

import { percentEncode } from "../../../provider/vendor/signer";
import { failure, PASSWORD, read, write } from "./calls";
import { proxyVariables, startConnectProxy } from "./connectProxy";
import { clientAnswered, success, type Scripted } from "./inProcess";
import { answering, clientOf, closeRawServers, CREDENTIALS, startRawServer } from "./rawServer";

let folder: string;
let printed: string;
const variables = proxyVariables();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-log-"));
  printed = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
  process.env["CDS_LOG"] = "debug";
});
afterEach(async () => {
  delete process.env["CDS_LOG"];
  delete process.env["CDS_LOG_FILE"];
  jest.restoreAllMocks();
  variables.restore();
  await closeRawServers();
  rmSync(folder, { recursive: true, force: true });
});

const TIME = String.raw`time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const line = (rest: string): RegExp => new RegExp(`^${TIME} ${rest}$`);
const lines = (text: string): string[] => text.trimEnd().split("\n");
const answered = (...answers: readonly Scripted[]): ReturnType<typeof clientAnswered> =>
  clientAnswered((_request, before) => answers[before] ?? success());

describe("CDS_LOG=debug", () => {
  test("writes a line for each attempt to standard error", async () => {
    const { client } = answered(
      [502, "<html>bad gateway</html>"],
      [500, { Code: "InternalError", TaskId: "task-7" }],
    );
    await read(client);
    const [first, second, third, ...others] = lines(printed);
    const begin = "action=DescribeDBInstances";
    expect(first).toMatch(line(String.raw`${begin} status=502 code=- taskId=- ms=\d+ attempt=1`));
    expect(second).toMatch(
      line(String.raw`${begin} status=500 code=InternalError taskId=task-7 ms=\d+ attempt=2`),
    );
    expect(third).toMatch(
      line(String.raw`${begin} status=200 code=Success taskId=- ms=\d+ attempt=3`),
    );
    expect(others).toEqual([]);
  });

  test("counts the attempts of each call on its own", async () => {
    const { client } = answered(success(), success({ InstancesUuid: ["id-1"] }));
    await read(client);
    await write(client);
    expect(lines(printed).map((one) => /attempt=\d+/.exec(one)?.[0])).toEqual([
      "attempt=1",
      "attempt=1",
    ]);
  });

  test("says why no answer came", async () => {
    const adapter: AxiosAdapter = (config) =>
      Promise.reject(new AxiosError("connect ECONNREFUSED", "ECONNREFUSED", config));
    await failure(write(clientOf("https://cds.invalid", { adapter })));
    expect(printed).toMatch(/action=CreateDBInstance status=- code=ECONNREFUSED taskId=- /);
  });

  test("says that the time was over", async () => {
    const adapter: AxiosAdapter = (config) =>
      Promise.reject(new AxiosError("canceled", "ERR_CANCELED", config));
    await failure(write(clientOf("https://cds.invalid", { adapter })));
    expect(printed).toMatch(/ status=- code=TimedOut taskId=- /);
  });

  test("says what the proxy answered, and nothing of its login", async () => {
    const proxy = await startConnectProxy("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
    variables.set({ HTTPS_PROXY: `us%40er:canary%2Flogin@127.0.0.1:${proxy.port}` });
    await failure(write(clientOf("https://cds.invalid")));
    await proxy.close();
    expect(printed).toMatch(/ status=407 code=ProxyError taskId=- /);
    expect(printed).not.toMatch(/canary|us(@|%40)er/);
  });

  test.each([undefined, "", "info", "0"])("nothing is written with CDS_LOG %j", async (level) => {
    if (level === undefined) delete process.env["CDS_LOG"];
    else process.env["CDS_LOG"] = level;
    process.env["CDS_LOG_FILE"] = join(folder, "calls.log");
    await read(answered().client);
    expect(printed).toBe("");
    expect(() => statSync(join(folder, "calls.log"))).toThrow("ENOENT");
  });
});

describe("no line holds a secret, whatever the vendor echoes", () => {
  const echoes: [string, (url: string, body: string) => string][] = [
    ["the password", () => PASSWORD],
    ["the body", (_url, body) => body],
    ["the password in a URL", () => `Password=${percentEncode(PASSWORD)}`],
    ["the access key", () => CREDENTIALS.accessKeyId],
    ["the secret", () => CREDENTIALS.accessKeySecret],
    ["the URL", (url) => url],
    ["the URL, decoded", (url) => decodeURIComponent(url)],
    ["a forged line", () => `x\ntime=canary action=DeleteDBInstance`],
    ["what moves a cursor", () => `\u001b[2J${CREDENTIALS.accessKeyId}`],
  ];

  test.each(echoes)("%s", async (_name, echo) => {
    let signature = "none was sent";
    const server = await startRawServer((request, response) => {
      signature = request.query.get("Signature") ?? signature;
      const text = echo(request.url, request.body);
      answering(400, { Code: text, Message: text, TaskId: text })(request, response);
    });
    await failure(write(clientOf(server.url)));
    expect(lines(printed)).toHaveLength(1);
    expect(printed).toMatch(/ action=CreateDBInstance status=400 code=\S+ taskId=\S+ ms=\d+ /);
    expect(printed).not.toMatch(/canary|Signature|AccessKeyId|http:/i);
    expect(printed).not.toContain("\u001b");
    for (const secret of [signature, percentEncode(signature), "pass\\"])
      expect(printed).not.toContain(secret);
  });
});

describe("CDS_LOG_FILE", () => {
  const call = async (): Promise<void> => {
    await read(answered().client);
  };
  const useFile = (...names: readonly string[]): string => {
    const path = join(folder, ...names);
    process.env["CDS_LOG_FILE"] = path;
    return path;
  };

  test("is made for its owner alone and appended to", async () => {
    const path = useFile("calls.log");
    const umask = process.umask(0);
    await call();
    process.umask(umask);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await call();
    // Another process, or this one later, adds to what is there.
    useFile("other.log");
    await call();
    useFile("calls.log");
    await call();
    expect(lines(readFileSync(path, "utf8"))).toHaveLength(3);
    expect(printed).toBe("");
  });

  const unusable: [string, string, (path: string) => void][] = [
    [
      "other users may open it (mode 644): run `chmod 600` on it",
      "mode 644",
      (path) => {
        writeFileSync(path, "theirs\n");
        chmodSync(path, 0o644);
      },
    ],
    [
      "it is a link, which is never followed",
      "link",
      (path) => {
        writeFileSync(join(folder, "theirs"), "theirs\n", { mode: 0o600 });
        symlinkSync(join(folder, "theirs"), path);
      },
    ],
    [
      "it is a link, which is never followed",
      "dangling link",
      (path) => {
        symlinkSync(join(folder, "theirs"), path);
      },
    ],
    [
      "it has a second name (a hard link)",
      "hard link",
      (path) => {
        writeFileSync(join(folder, "theirs"), "theirs\n", { mode: 0o600 });
        linkSync(join(folder, "theirs"), path);
      },
    ],
    [
      "it is a folder",
      "folder",
      (path) => {
        mkdirSync(path);
      },
    ],
    ["it is no ordinary file", "named pipe", (path) => execFileSync("mkfifo", ["-m", "600", path])],
  ];

  test.each(unusable)("%s: one warning, and the order goes on (%s)", async (reason, kind, make) => {
    const path = useFile("calls.log");
    make(path);
    await write(answered(success({ InstancesUuid: ["id-1"] })).client);
    await call();
    const [warning, ...others] = lines(printed);
    expect(warning).toBe(
      `warning: CDS_LOG_FILE ${JSON.stringify(path)} is not used: ${reason}. The log goes to standard error.`,
    );
    expect(others).toHaveLength(2);
    for (const one of others) expect(one).toMatch(/^time=/);
    const theirs = join(folder, "theirs");
    if (kind === "link" || kind === "hard link")
      expect(readFileSync(theirs, "utf8")).toBe("theirs\n");
    if (kind === "dangling link") expect(() => statSync(theirs)).toThrow("ENOENT");
    if (kind === "mode 644") expect(readFileSync(path, "utf8")).toBe("theirs\n");
  });

  test("in a folder that is not there: one warning, and nothing is made", async () => {
    useFile("missing", "calls.log");
    await call();
    await call();
    expect(lines(printed)).toHaveLength(3);
    expect(printed).toMatch(/^warning: .* is not used: its folder is not there\./);
    expect(() => statSync(join(folder, "missing"))).toThrow("ENOENT");
  });

  test("of another user: one warning, and the order goes on", async () => {
    writeFileSync(useFile("calls.log"), "", { mode: 0o600 });
    jest.spyOn(process, "getuid").mockReturnValue(4711);
    await call();
    expect(printed).toMatch(/^warning: .* is not used: it belongs to another user\./);
  });

  test("on a disk that is full: one warning, and the order goes on", async () => {
    useFile("calls.log");
    await call();
    jest.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    });
    await call();
    await call();
    expect(lines(printed)).toHaveLength(3);
    expect(printed).toMatch(
      /^warning: .* is not used: ENOSPC\. The log goes to standard error\.\n/,
    );
  });

  test("that is a device: one warning, and the order goes on", async () => {
    process.env["CDS_LOG_FILE"] = "/dev/full";
    await call();
    expect(printed).toMatch(/^warning: .* is not used: it is no ordinary file\./);
  });
});
