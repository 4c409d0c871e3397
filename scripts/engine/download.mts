// The first way: the official npm package `pulumi`, a launcher that downloads the engine on first use.
import { engineVersion } from "./installed.mts";
import { runStep, type Run } from "./step.mts";

/** Makes the launcher put the engine in `<home>/versions/<version>/bin`. */
export async function downloadEngine(home: string, run: Run): Promise<void> {
  run.progress.say(
    `Downloading Pulumi ${engineVersion} from get.pulumi.com by the npm package "pulumi" (a minute or two).`,
  );
  await runStep(
    {
      command: "npx",
      args: ["--yes", `pulumi@${engineVersion}`, "version"],
      cwd: home,
      env: {
        PULUMI_HOME: home,
        PULUMI_VERSION: engineVersion,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // The launcher unpacks here, so that an interrupted set-up leaves nothing behind.
        TMPDIR: home,
        // Without this the launcher's fetch ignores HTTPS_PROXY.
        NODE_USE_ENV_PROXY: "1",
        // Fails soon when no registry can be reached.
        npm_config_fetch_retries: "0",
        npm_config_fetch_timeout: "20000",
        // Warnings about the user's npm settings would hide the reason of a failure.
        npm_config_loglevel: "error",
      },
      limitSeconds: 15 * 60,
    },
    run,
  );
}
