// A catalogue far larger than the vendor's; `bench/typeCheck.mts` measures what it costs, and fails above its limit.
import { INSTANCES, largeAnswers, typedProgram } from "../../bench/largeProgram.mts";
import { combinations } from "../../sdk/catalogShape";
import { generateCatalog } from "../../sdk/generate";
import { diagnose } from "./typeCheck";

const { catalog, text } = generateCatalog(largeAnswers());

test("the catalogue has 20 regions × 6 versions × 4 architectures × 10 sizes, the program 100 instances", () => {
  expect(combinations(catalog)).toHaveLength(20 * 6 * 4 * 10);
  const instances = typedProgram().split("new cds.RedisInstance").slice(1);
  expect(instances).toHaveLength(INSTANCES);
  const orders = instances.map((instance) => /\{.*\}/s.exec(instance)?.[0]);
  expect(new Set(orders).size).toBe(INSTANCES);
});

test("the program compiles", () => {
  const findings = diagnose({ "catalog.gen": text, typed: typedProgram() });
  expect([...findings.values()].flat()).toEqual([]);
});

test("a combination that is not for sale is one error that lists the choices", () => {
  const wrong = typedProgram().replace(/ramGb: \d+/, "ramGb: 13");
  const findings = diagnose({ "catalog.gen": text, wrong }).get("wrong");
  const message =
    "Type '13' is not assignable to type '1 | 2 | 4 | 8 | 12 | 16 | 20 | 32 | 64 | 128'.";
  expect(findings).toEqual([{ at: "ramGb", message }]);
});
