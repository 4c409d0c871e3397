import { startEmulator, type Emulator } from "../../../emulator";
import type { CdsClient } from "../../../provider/vendor/client";
import { refusal } from "./badAnswers";
import { failure, read, write } from "./calls";
import { answering, clientOf, closeRawServers, startRawServer } from "./rawServer";

const HOUR = 3_600_000;

let emulator: Emulator | undefined;

afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
  await closeRawServers();
});

describe("when this machine's clock is off", () => {
  async function skewed(byMs: number): Promise<[Emulator, CdsClient]> {
    emulator = await startEmulator({ deliverySeconds: 0, now: () => Date.now() + byMs });
    const { accessKeyId, accessKeySecret } = emulator;
    return [emulator, clientOf(emulator.url, { credentials: { accessKeyId, accessKeySecret } })];
  }

  test.each([HOUR, -HOUR])(
    "by %i ms, a call is signed anew once, later ones at once",
    async (ms) => {
      const [{ requests }, client] = await skewed(ms);
      await read(client);
      expect(requests.map(({ status }) => status)).toEqual([403, 200]);
      await read(client);
      await read(client);
      expect(requests.map(({ status }) => status)).toEqual([403, 200, 200, 200]);
    },
  );

  test("a write that was refused for it is sent again, and carried out once", async () => {
    const [{ requests, store }, client] = await skewed(HOUR);
    await write(client);
    expect(requests.map(({ status }) => status)).toEqual([403, 200]);
    expect(store.instances()).toHaveLength(1);
  });

  test("calls in parallel are each signed anew once at most", async () => {
    const [{ requests, store }, client] = await skewed(HOUR);
    await Promise.all([...Array.from({ length: 10 }, () => read(client)), write(client)]);
    expect(requests.length).toBeLessThanOrEqual(22);
    expect(requests.filter(({ status }) => status === 200)).toHaveLength(11);
    expect(store.instances()).toHaveLength(1);
  });

  test("a refusal for another reason comes after one more try", async () => {
    const date = new Date(Date.now() + HOUR).toUTCString();
    const server = await startRawServer(
      answering(403, refusal("SignatureDoesNotMatch"), { Date: date }),
    );
    const client = clientOf(server.url);
    expect(await failure(write(client))).toMatchObject({ httpStatus: 403 });
    expect(server.requests).toHaveLength(2);
    const [first = 0, second = 0] = server.requests.map(({ query }) =>
      Date.parse(query.get("Timestamp") ?? ""),
    );
    expect(Math.abs(second - first - HOUR)).toBeLessThan(10_000);
    await failure(write(client));
    expect(server.requests).toHaveLength(3);
  });

  test("a refusal without a clock that differs is passed on at once", async () => {
    for (const date of [new Date().toUTCString(), "yesterday"]) {
      const answer = answering(403, refusal("SignatureDoesNotMatch"), { Date: date });
      const server = await startRawServer(answer);
      await failure(write(clientOf(server.url)));
      expect(server.requests).toHaveLength(1);
    }
  });
});
