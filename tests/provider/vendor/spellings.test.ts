import { oneLineText, withoutSecrets } from "../../../provider/vendor/displayText";
import { percentEncode } from "../../../provider/vendor/signer";

const SECRETS = {
  password: "canary\"pass\\word +&%<>'/=中😀",
  key: "canary+key/secret=",
  signature: "cAnArY0b/9+xYz==",
};

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");
const each = (text: string, spell: (character: string) => string): string =>
  Array.from(text, spell).join("");
const units = (text: string, prefix: string): string =>
  text
    .split("")
    .map((unit) => `${prefix}${hex(unit.charCodeAt(0), 4)}`)
    .join("");
const inHtml = (text: string): string =>
  each(
    text,
    (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[one] ?? one,
  );
const inForm = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);

const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  JSON: inJson,
  "JSON in JSON": (text) => inJson(inJson(text)),
  "every character as \\u in lower case": (text) => units(text, "\\u"),
  "every character as \\u in upper case": (text) =>
    units(text, "\\u").toUpperCase().replaceAll("U", "u"),
  "JSON of Go, with \\u0026": (text) =>
    inJson(text).replace(/[<>&]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`),
  "JSON of Go in JSON": (text) =>
    inJson(inJson(text).replace(/[<>&]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`)),
  "JSON of Python, in ASCII": (text) =>
    inJson(text).replace(/[^ -~]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`),
  "JSON of PHP, with \\/": (text) => inJson(text).replaceAll("/", "\\/"),
  HTML: inHtml,
  "HTML in HTML": (text) => inHtml(inHtml(text)),
  "HTML with decimal numbers": (text) => each(text, (one) => `&#${one.codePointAt(0) ?? 0};`),
  "HTML with hexadecimal numbers": (text) =>
    each(text, (one) => `&#X0${hex(one.codePointAt(0) ?? 0, 1)};`),
  "percent encoding": percentEncode,
  "percent encoding in lower case": (text) =>
    percentEncode(text).replace(/%../g, (one) => one.toLowerCase()),
  "percent encoding, twice": (text) => percentEncode(percentEncode(text)),
  "percent encoding of every byte": (text) =>
    [...Buffer.from(text)].map((byte) => `%${hex(byte, 2)}`).join(""),
  "percent encoding of JSON": (text) => percentEncode(inJson(text)),
  "JSON of HTML": (text) => inJson(inHtml(text)),
  form: inForm,
  "form, percent encoded": (text) => percentEncode(inForm(text)),
  "with control characters inside": (text) => each(text, (one) => `${one}\u0000\u202e`),
};

describe.each(Object.entries(SPELLINGS))("a secret is withheld: %s", (_name, spell) => {
  test.each(Object.entries(SECRETS))("%s", (_which, secret) => {
    for (const around of ["", " ", "&", '"', "x"]) {
      const text = withoutSecrets(`${around}${spell(secret)}${around}`, Object.values(SECRETS));
      expect(text).toBe(`${around}[secret]${around}`);
    }
  });
});

test("a bare signature is withheld, although nothing calls it so", () => {
  expect(withoutSecrets("expected cAnArY0b/9+xYz==.", [SECRETS.signature])).toBe(
    "expected [secret].",
  );
});

test("so is a signature of another call, where it is called so", () => {
  for (const text of [
    "Signature=abc/9=",
    "Signature%3Dabc",
    'Signature":"abc',
    "Signature\\u003dabc",
    "Signature&#61;abc",
  ])
    expect(withoutSecrets(text, [])).not.toContain("abc");
});

test("a secret of one character is withheld, and an empty one is none", () => {
  expect(withoutSecrets("key 7 is wrong", ["7", ""])).toBe("key [secret] is wrong");
  // What takes the place of a secret is not searched for others.
  expect(withoutSecrets("xy", ["x", "e"])).toBe("[secret]y");
});

test("what only resembles a secret stays", () => {
  expect(withoutSecrets("100% of a&b, C:\\dir, 1+1=2", ["canary"])).toBe(
    "100% of a&b, C:\\dir, 1+1=2",
  );
});

const RUNS = [
  "\\",
  "%25",
  "&amp;",
  "a",
  "\\u0026",
  '"',
  "\\\\\\w",
  "%5C",
  "\n",
  "\\<",
  "u0075",
  "%25%",
  '\\"',
  "+ ",
];

test.each(RUNS)("a long run of %j takes no long time", (run) => {
  const secrets = [run.repeat(30), `${run.repeat(30)}z`, "a".repeat(40), SECRETS.password];
  const start = performance.now();
  withoutSecrets(`&${run.repeat(100_000)}`, secrets);
  // A search that tries all ways to read the run would take years.
  expect(performance.now() - start).toBeLessThan(3_000);
});

describe("what the vendor writes is shown", () => {
  test.each([
    ["colours", "\u001b[31mred\u001b[0m", "red"],
    ["the title of a window", "\u001b]0;title\u0007after", "after"],
    ["a link", "\u001b]8;;https://x.example\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["the bell", "a\u0007b", "ab"],
    ["C1 controls", "a\u0085b\u009fc", "abc"],
    ["lines", "one\r\n\ttwo\u2028three", "one two three"],
    ["the direction of text", "a\u202eb\u2066c\u2069d\u200ee\u200ff", "abcdef"],
  ])("without %s", (_what, text, expected) => {
    expect(oneLineText(text)).toBe(expected);
    expect(withoutSecrets(text, ["canary"])).toBe(expected);
  });

  test("in 300 characters at most", () => {
    expect(oneLineText("x".repeat(300))).toBe("x".repeat(300));
    expect(oneLineText("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
  });
});
