import { proxyFor } from "../../../provider/vendor/proxy";
import { CdsConfigError } from "../../../provider/vendor/errors";

const ENDPOINT = "https://cdsapi.cds.invalid";
const PROXY = "http://relay.invalid:3128";

/** The URL of the proxy that these variables name; "" where they name none. */
function proxyOf(env: Readonly<Record<string, string>>, url = ENDPOINT): string {
  return proxyFor(new URL(url), env)?.url ?? "";
}

describe("a proxy", () => {
  test.each<[Record<string, string>, string]>([
    [{ HTTPS_PROXY: PROXY }, PROXY],
    [{ https_proxy: PROXY }, PROXY],
    [{ ALL_PROXY: PROXY }, PROXY],
    [{ all_proxy: PROXY }, PROXY],
    [{ https_proxy: " ", HTTPS_PROXY: ` ${PROXY}/ ` }, PROXY],
    [{ https_proxy: PROXY, HTTPS_PROXY: "http://other.invalid" }, PROXY],
    [{ HTTPS_PROXY: PROXY, all_proxy: "socks5://other.invalid" }, PROXY],
    [{ HTTPS_PROXY: PROXY, HTTP_PROXY: "http://other.invalid" }, PROXY],
    [{ HTTPS_PROXY: "HTTP://Relay.invalid:3128" }, PROXY],
    [{ HTTPS_PROXY: "relay.invalid:3128" }, PROXY],
    [{ HTTPS_PROXY: "user:pass@relay.invalid:3128/" }, PROXY],
    [{ HTTPS_PROXY: "relay.invalid" }, "http://relay.invalid"],
    [{ HTTPS_PROXY: "https://relay.invalid:8443" }, "https://relay.invalid:8443"],
    [{ HTTPS_PROXY: "[fd00::1]:3128" }, "http://[fd00::1]:3128"],
  ])("is named by %j", (env, url) => {
    expect(proxyOf(env)).toBe(url);
  });

  test.each<[Record<string, string>]>([
    [{}],
    [{ HTTP_PROXY: PROXY, http_proxy: PROXY }],
    [{ HTTPS_PROXY: "" }],
    [{ HTTPS_PROXY: "  " }],
  ])("is not named by %j", (env) => {
    expect(proxyOf(env)).toBe("");
  });

  test.each(["socks", "socks4", "socks4a", "socks5", "SOCKS5", "socks5h"])(
    "of %s:// is refused by name, with the remedy",
    (scheme) => {
      const env = { all_proxy: `${scheme}://user:canary@relay.invalid:1080` };
      expect(() => proxyOf(env)).toThrow(
        new CdsConfigError(
          `all_proxy names a ${scheme.toLowerCase()}:// proxy, which this package can't use. Set HTTPS_PROXY to an http:// proxy, or add cdsapi.cds.invalid to NO_PROXY.`,
        ),
      );
      expect(proxyOf({ ...env, NO_PROXY: "cdsapi.cds.invalid" })).toBe("");
    },
  );

  test.each([
    "ftp://user:canary@relay.invalid",
    "http://user:can/ary@relay.invalid",
    "http://user:12/canary@relay.invalid",
    "http://user:12#canary@relay.invalid",
    "http://user:12?canary@relay.invalid",
    "http://canary proxy",
    "http://",
    "canary:canary:canary",
  ])("%s is refused, and nothing of it is told", (text) => {
    expect(() => proxyOf({ HTTPS_PROXY: text })).toThrow(
      new CdsConfigError(
        "HTTPS_PROXY is no URL of an http:// or https:// proxy. Give it as http://user:password@host:port, with special characters of the login percent-encoded.",
      ),
    );
  });

  test.each([
    ["user:pass", "user:pass"],
    ["user", "user:"],
    [":pass", ":pass"],
    ["d%6Fmain%5Cus%40er:p%40ss%3Aw%2Frd%25", "domain\\us@er:p@ss:w/rd%"],
    ["user:%E4%B8%AD%e6%96%87", "user:中文"],
    ["user:100%", "user:100%"],
    ["user:a%zz", "user:a%zz"],
    ["us%2er:p@ss", "us.r:p@ss"],
    ["user:a+b", "user:a+b"],
  ])("has the login %s", (encoded, login) => {
    for (const scheme of ["http://", ""]) {
      const env = { HTTPS_PROXY: `${scheme}${encoded}@relay.invalid:3128` };
      expect(proxyFor(new URL(ENDPOINT), env)).toEqual({
        url: PROXY,
        login,
        variable: "HTTPS_PROXY",
      });
    }
  });
});

describe("NO_PROXY", () => {
  test.each<[string, string]>([
    ["*", ENDPOINT],
    [" * ", ENDPOINT],
    ["other.invalid, *", ENDPOINT],
    ["cdsapi.cds.invalid", ENDPOINT],
    ["CDSapi.cds.Invalid", ENDPOINT],
    ["cds.invalid", ENDPOINT],
    [".cds.invalid", ENDPOINT],
    ["*.cds.invalid", ENDPOINT],
    ["cds.invalid.", ENDPOINT],
    ["invalid", ENDPOINT],
    ["other.invalid,cds.invalid", ENDPOINT],
    ["other.invalid cds.invalid", ENDPOINT],
    ["cds.invalid:443", ENDPOINT],
    [".cds.invalid:443", ENDPOINT],
    ["*:443", ENDPOINT],
    [".cds.invalid", "https://cds.invalid"],
    ["cds.invalid", "https://cdsapi.cds.invalid."],
    ["cds.invalid", "https://cdsapi.cds.invalid:8443"],
    ["cds.invalid:8443", "https://cdsapi.cds.invalid:8443"],
    ["10.1.2.3", "https://10.1.2.3:8443"],
    ["10.1.2.3:8443", "https://10.1.2.3:8443"],
    ["10.0.0.0/8", "https://10.1.2.3"],
    ["10.1.2.3", "https://[::ffff:10.1.2.3]"],
    ["[fd00::1]", "https://[fd00::1]"],
    ["fd00::1", "https://[fd00::1]:8443"],
    ["[fd00::1]:8443", "https://[fd00::1]:8443"],
    ["fd00::/8", "https://[fd00::1]"],
  ])("%s excludes %s", (noProxy, url) => {
    for (const name of ["NO_PROXY", "no_proxy"])
      expect(proxyOf({ HTTPS_PROXY: PROXY, [name]: noProxy }, url)).toBe("");
  });

  test.each<[string, string]>([
    ["", ENDPOINT],
    [" , ", ENDPOINT],
    [".", ENDPOINT],
    ["*.", ENDPOINT],
    ["api.cds.invalid", ENDPOINT],
    ["ds.invalid", ENDPOINT],
    ["cds.invalid:8443", ENDPOINT],
    ["cds.invalid:443", "https://cdsapi.cds.invalid:8443"],
    ["cdsapi.cds.invalid.example", ENDPOINT],
    ["10.1.2.30", "https://10.1.2.3"],
    ["2.3", "https://10.1.2.3"],
    ["11.0.0.0/8", "https://10.1.2.3"],
    ["10.0.0.0/99", "https://10.1.2.3"],
    ["10.0.0.0/x", "https://10.1.2.3"],
    ["10.1.2.3:443", "https://10.1.2.3:8443"],
    ["[fd00::1]:443", "https://[fd00::1]:8443"],
  ])("%s does not exclude %s", (noProxy, url) => {
    expect(proxyOf({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy }, url)).toBe(PROXY);
  });

  test("in lower case counts before the one in upper case", () => {
    const env = { HTTPS_PROXY: PROXY, no_proxy: "other.invalid", NO_PROXY: "*" };
    expect(proxyOf(env)).toBe(PROXY);
  });
});
