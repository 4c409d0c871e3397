// A catalogue far larger than the vendor's must not make a program slow to check. `bench/typeCheck.mts` measures it.
import {
  INSTANCES,
  largeAnswers,
  typedProgram,
  untypedProgram,
} from "../../bench/largeProgram.mts";
import { combinations } from "../../sdk/catalogShape";
import { generateCatalog } from "../../sdk/generate";
import { diagnose } from "./typeCheck";

const LIMIT_SECONDS = 5;
const { catalog, text } = generateCatalog(largeAnswers());

test("the catalogue has 20 regions × 6 versions × 4 architectures × 10 sizes, the program 100 instances", () => {
  expect(combinations(catalog)).toHaveLength(20 * 6 * 4 * 10);
  expect(new Set(typedProgram().match(/(?<=regionId: ).*|version: .*/g)).size).toBe(INSTANCES);
  expect(typedProgram().match(/new cds\.RedisInstance/g)).toHaveLength(INSTANCES);
});

test(`type-checks in under ${LIMIT_SECONDS} s more than an untyped program`, () => {
  const seconds = (programs: Record<string, string>): number => {
    const start = performance.now();
    const findings = diagnose(programs);
    expect([...findings.values()].flat()).toEqual([]);
    return (performance.now() - start) / 1000;
  };
  // Parses the libraries, which both programs need.
  seconds({ warmUp: untypedProgram() });
  const untyped = seconds({ untyped: untypedProgram() });
  const typed = seconds({ "catalog.gen": text, typed: typedProgram() });
  expect(typed - untyped).toBeLessThan(LIMIT_SECONDS);
});

test("a combination that is not in it is still one error, which lists the choices", () => {
  const wrong = typedProgram().replace(/ramGb: \d+/, "ramGb: 13");
  const findings = diagnose({ "catalog.gen": text, wrong }).get("wrong");
  const message =
    "Type '13' is not assignable to type '1 | 2 | 4 | 8 | 12 | 16 | 20 | 32 | 64 | 128'.";
  expect(findings).toEqual([{ at: "ramGb", message }]);
});
