import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { firstForSale, makeCache } from "./cache";

/** What the program registers. */
const registered: pulumi.runtime.MockResourceArgs[] = [];
let regions = [{ regionId: "CN_Wuxi_A" }];

// Nothing reaches an engine or the network from here on.
pulumi.runtime.setMocks(
  {
    newResource: (resource) => {
      registered.push(resource);
      // The state is what the outputs of the resource show.
      return { id: `${resource.name}-id`, state: { ...resource.inputs, ip: "10.0.0.5" } };
    },
    call: ({ token }) => {
      if (token === "cds-redis:index:getRegions") return { regions };
      throw new Error(`no mock answers ${token}`);
    },
  },
  "my-project",
  "production",
);

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

describe("the cache", () => {
  it("is ordered in the first region for sale", async () => {
    assert.equal(await firstForSale(["CN_Hongkong_A", "CN_Wuxi_A"]), "CN_Wuxi_A");
  });

  it("says when nothing is for sale", async () => {
    regions = [];
    await assert.rejects(firstForSale(["CN_Hongkong_A"]), /nothing is for sale in CN_Hongkong_A/);
  });

  it("has 32 GB in production", async () => {
    const args = { vdcId: "vdc-1", basePipeId: "pipe-1", password: "not-a-real-one" };
    const cache = makeCache({ ...args, regionId: "CN_Wuxi_A" });
    assert.equal(await valueOf(cache.ip), "10.0.0.5");
    const [resource] = registered;
    assert.equal(resource?.type, "pulumi-nodejs:dynamic/cds:RedisInstance");
    assert.equal(resource?.inputs.ramGb, 32);
    assert.equal(resource?.inputs.vdcId, "vdc-1");
  });
});
