// What compiles and what must not, held against the released catalogue by the real compiler.
import { diagnose } from "./typeCheck";
import { mustNotCompile } from "./typeCheckBad";
import { compiles } from "./typeCheckGood";
import { PRELUDE } from "./typeCheckPrograms";

const programs = new Map<string, string>([
  ...compiles.map(([name, code]): [string, string] => [`good, ${name}`, PRELUDE + code]),
  ...mustNotCompile.map(([name, code]): [string, string] => [`bad, ${name}`, PRELUDE + code]),
]);

test("every program has its own name", () => {
  expect(programs.size).toBe(compiles.length + mustNotCompile.length);
});

describe.each([true, false])("with exactOptionalPropertyTypes %p", (exactOptionalPropertyTypes) => {
  const findings = diagnose(Object.fromEntries(programs), { exactOptionalPropertyTypes });

  test.each(compiles)("%s: compiles", (name) => {
    expect(findings.get(`good, ${name}`)).toEqual([]);
  });

  test.each(mustNotCompile)(
    "%s: one error, which names the argument",
    (name, _code, at, message) => {
      expect(findings.get(`bad, ${name}`)).toEqual([{ at: like(at), message: like(message) }]);
    },
  );
});

function like(expected: string | RegExp): unknown {
  return typeof expected === "string" ? expected : expect.stringMatching(expected);
}
