import { SingleBar } from 'cli-progress';
import type { CommandContext } from '../context.ts';

/** Shows how far a file is. */
export interface Progress {
  update(bytes: number, rows: number): void;
  stop(): void;
}

/** Rows between two lines where no bar can be shown. */
const rowsBetweenLines = 100_000;

/** A bar on a terminal, a line every hundred thousand rows elsewhere, nothing with `--json`. */
export function showProgress({ io, json }: CommandContext, totalBytes: number): Progress {
  if (json) return { update: () => undefined, stop: () => undefined };
  return io.terminal ? bar(totalBytes) : lines(io, totalBytes);
}

function bar(totalBytes: number): Progress {
  const shown = new SingleBar({ format: '  {bar} {percentage} %  {rows} rows  {eta_formatted} left', barCompleteChar: '█', barIncompleteChar: '░', barsize: 24, hideCursor: true, linewrap: null });
  shown.start(totalBytes, 0, { rows: 0 });
  return { update: (bytes, rows) => shown.update(bytes, { rows }), stop: () => shown.stop() };
}

function lines(io: CommandContext['io'], totalBytes: number): Progress {
  let told = 0;
  return {
    update: (bytes, rows) => {
      if (rows - told < rowsBetweenLines) return;
      told = rows;
      io.err(`${rows} rows, ${Math.floor((bytes / totalBytes) * 100)} % of the file`);
    },
    stop: () => undefined,
  };
}
