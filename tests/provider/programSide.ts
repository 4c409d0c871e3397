import * as pulumi from "@pulumi/pulumi";

/** A resource as a Pulumi program registers it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Lets programs run without an engine; gives what they register. */
export async function mockEngine(isPreview = false): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (resource) => {
        const { type, name, id } = resource;
        const inputs = resource.inputs as Registered["inputs"];
        registered.push({ type, name, inputs });
        return { id: id === undefined || id === "" ? `${name}-id` : id, state: { ...inputs } };
      },
      call: () => ({}),
    },
    "shop",
    "dev",
    isPreview,
  );
  return registered;
}

export async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}

export class Shop extends pulumi.ComponentResource {
  constructor(name: string) {
    super("shop:index:Shop", name);
  }
}
