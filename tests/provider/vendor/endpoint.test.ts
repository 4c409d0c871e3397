import { describeRegions } from "../../../provider/vendor/actions/catalog";
import { inVirtualTime } from "../../virtualTime";
import { failure, read, write } from "./calls";
import { clientAnswered, refused, type Scripted } from "./inProcess";
import { clientOf } from "./rawServer";
import { startTlsServer, trusting } from "./tlsServer";

const HTML = "<html>no</html>";

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The message of a read that gets these answers. */
function messageOf(...answers: Scripted[]): Promise<string> {
  return inVirtualTime(async () => {
    const { client } = clientAnswered((_request, before) => answers[before] ?? refused(400, "End"));
    return ((await failure(read(client))) as Error).message;
  });
}

describe("a gateway that fails", () => {
  test.each([500, 502, 503, 504, 520])("with HTTP %i is no reason for another endpoint", (status) =>
    expect(messageOf(...Array<Scripted>(4).fill([status, HTML]))).resolves.toBe(
      `DescribeDBInstances: the vendor's gateway failed (${status}) 4 times. Try again later.`,
    ),
  );

  test("is counted alone, without other failures", async () => {
    const busy = refused(500, "InternalError");
    expect(await messageOf([502, HTML], busy, busy, [503, ""])).toMatch(
      "gateway failed (503) 2 times. Try again later.",
    );
    expect(await messageOf(busy, busy, busy, [503, ""])).toMatch(
      "gateway failed (503). Try again later.",
    );
  });

  test("is not counted by a write, which is sent once", () =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(() => [502, HTML]);
      const thrown = await failure(write(client));
      expect(thrown).toMatchObject({ ambiguous: true, transient: true, postponed: false });
      expect(String(thrown)).toMatch(
        "CreateDBInstance: the vendor's gateway failed (502). Try again later.",
      );
      expect(requests).toHaveLength(1);
    }));

  test("in the vendor's own words keeps these words", async () => {
    const busy = refused(500, "InternalError");
    expect(await messageOf(busy, busy, busy, busy)).toBe(
      "DescribeDBInstances: InternalError (HTTP 500): No",
    );
  });
});

describe("a wrong endpoint is told by the name of its setting", () => {
  test.each<[string, Scripted]>([
    ["a page that is not found", [404, HTML]],
    ["another API's words for that", [404, { message: "no Route matched" }]],
    ["a foreign page", [200, HTML]],
    ["another method", [405, HTML]],
    ["a redirect", [301, "", { location: "https://www.cds.invalid/" }]],
  ])("%s", async (_name, answer) => {
    expect(await messageOf(answer, answer, answer, answer)).toBe(
      `DescribeDBInstances: HTTP ${answer[0]} with an answer that can't be used: it is not JSON with a Code, as the vendor's. Check cds:endpoint, https://cds.invalid.`,
    );
  });

  test("a path under which the API is not", () =>
    inVirtualTime(async () => {
      const { client } = clientAnswered(() => refused(404, "ResourceNotFound"));
      expect(String(await failure(describeRegions(client)))).toMatch(
        "DescribeRegins: ResourceNotFound (HTTP 404): No. Check cds:endpoint: the vendor's API is not under that address.",
      );
    }));

  test("a certificate of another host", async () => {
    const server = await startTlsServer((_request, response) => response.end());
    try {
      const client = clientOf(`https://127.0.0.1:${server.port}`, { adapter: trusting() });
      expect(String(await failure(write(client)))).toMatch(
        /no answer from https:\/\/127.*ERR_TLS_CERT_ALTNAME_INVALID\. Check cds:endpoint/,
      );
    } finally {
      await server.close();
    }
  });
});
