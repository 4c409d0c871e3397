import { Presets, SingleBar } from "cli-progress";

import type { BackupProgress } from "../provider/download/fetch";
import { sizeText } from "./backupsShown";
import { oneLine, type CliIo } from "./io";

/** A line for each so many percent where no bar can be drawn. */
const STEP_PERCENT = 10;

/** Shows how far a download is. */
export interface ShownProgress {
  readonly update: (progress: BackupProgress) => void;
  /** Leaves the terminal as it was. */
  readonly stop: () => void;
}

/** A bar for each file where standard error is a terminal, else lines. */
export function progressShown(fileCount: number, io: CliIo): ShownProgress {
  const order = new Map<string, number>();
  const label = ({ backupId }: BackupProgress): string => {
    const index = order.get(backupId) ?? order.size + 1;
    order.set(backupId, index);
    return oneLine(`${backupId} (${index} of ${fileCount})`);
  };
  return io.errTerminal === undefined ? lines(label, io) : bars(label, io.errTerminal);
}

type Label = (progress: BackupProgress) => string;

function lines(label: Label, io: CliIo): ShownProgress {
  const shown = new Map<string, number>();
  return {
    update: (progress) => {
      const { backupId, receivedBytes, totalBytes } = progress;
      const percent = totalBytes === 0 ? 0 : Math.floor((receivedBytes / totalBytes) * 100);
      const step = Math.min(100, percent - (percent % STEP_PERCENT));
      if (step <= (shown.get(backupId) ?? 0)) return;
      shown.set(backupId, step);
      io.err(
        `${label(progress)}: ${step} %, ${sizeText(receivedBytes)} of ${sizeText(totalBytes)}\n`,
      );
    },
    stop: () => undefined,
  };
}

function bars(label: Label, stream: NodeJS.WritableStream): ShownProgress {
  let bar: SingleBar | undefined;
  let current: string | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update: (progress) => {
      const { backupId, receivedBytes, totalBytes } = progress;
      const payload = {
        label: label(progress),
        received: sizeText(receivedBytes),
        size: totalBytes === 0 ? "?" : sizeText(totalBytes),
      };
      if (current !== backupId) {
        stop();
        current = backupId;
        bar = new SingleBar(
          {
            stream,
            format: "{label} [{bar}] {percentage} % | {received} of {size} | {eta_formatted} left",
            // So that Ctrl-C leaves the terminal as it was, without handlers of signals.
            hideCursor: false,
            gracefulExit: false,
          },
          Presets.shades_classic,
        );
        bar.start(totalBytes, receivedBytes, payload);
        return;
      }
      bar?.setTotal(totalBytes);
      bar?.update(receivedBytes, payload);
    },
    stop,
  };
}
