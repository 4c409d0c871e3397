import { printed, withStack } from "./stack.ts";

await withStack(async (stack) => {
  await stack.destroy(printed);
  await stack.workspace.removeStack(stack.name);
});
