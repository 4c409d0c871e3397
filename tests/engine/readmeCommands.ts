/**
 * Returns the commands of a README, block by block, with what a user fills in. Throws on a
 * placeholder that has no value here.
 */
export function readmeCommands(readme: string, values: Readonly<Record<string, string>>): string[] {
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks.map((block) =>
    block.replace(/<([^<>]+)>/g, (_placeholder, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the test has no value for <${name}>`);
      return value;
    }),
  );
}

/** Leaves out the installation of the example's packages, which stand beside the test's projects. */
export function withoutInstall(commands = ""): string {
  return commands.replace(/^npm install\n/m, "");
}
