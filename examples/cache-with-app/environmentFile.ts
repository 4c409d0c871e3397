import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  path: string;
  variables: Record<string, string>;
}

/** Writes a file of variables for an application on this machine, readable by its owner alone. */
const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await write(inputs);
    return { id: inputs.path, outs: inputs };
  },
  async diff(_id, olds, news) {
    const replaces = olds.path === news.path ? [] : ["path"];
    return { changes: JSON.stringify(olds) !== JSON.stringify(news), replaces };
  },
  async update(_id, _olds, news) {
    await write(news);
    return { outs: news };
  },
  async delete(_id, { path }) {
    const { rm } = await import("node:fs/promises");
    await rm(path, { force: true });
  },
};

async function write({ path, variables }: Inputs): Promise<void> {
  const { chmod, writeFile } = await import("node:fs/promises");
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  await writeFile(path, lines.join(""), { mode: 0o600 });
  // One that was there keeps its own.
  await chmod(path, 0o600);
}

export class EnvironmentFile extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: {
      path: pulumi.Input<string>;
      variables: pulumi.Input<Record<string, pulumi.Input<string>>>;
    },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(provider, name, args, opts);
  }
}
