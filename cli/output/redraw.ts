import { shownLength } from './paint.ts';

const home = '\u001B[H';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

/** Written before the first frame: the screen is empty and the cursor out of the way. */
export const beginRedrawing = '\u001B[?25l\u001B[2J';
/** Written after the last frame. */
export const endRedrawing = '\u001B[?25h';

/**
 * One frame over the last one: each line is overwritten and cleared behind its end, so that nothing flickers. What does not fit on the
 * screen is left out from below, since a screen that scrolls cannot be drawn over.
 */
export function frame(text: string, size: { readonly rows: number; readonly columns: number } | undefined): string {
  return home + fitting(text.split('\n'), size).map((line) => line + clearLine).join('\n') + clearBelow;
}

function fitting(lines: readonly string[], size: { readonly rows: number; readonly columns: number } | undefined): readonly string[] {
  if (size === undefined || size.rows < 2 || size.columns < 1) return lines;
  const kept: string[] = [];
  let left = size.rows - 1;
  for (const line of lines) {
    left -= Math.max(1, Math.ceil(shownLength(line) / size.columns));
    if (left < 1) return [...kept, '… (the window is too small for the rest)'];
    kept.push(line);
  }
  return kept;
}
