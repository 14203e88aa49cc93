import { UsageError } from './errors.ts';

/** Collects `--set key=value`: a value that is JSON is that (a number, true, {…}), any other is text. */
export function collectSetting(argument: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const equals = argument.indexOf('=');
  if (equals < 1) throw new UsageError(`«${argument}» is no setting.`, 'Give settings as --set name=value.');
  return { ...before, [argument.slice(0, equals)]: valueOf(argument.slice(equals + 1)) };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Collects an option that may be given more than once. */
export function collect(argument: string, before: readonly string[] = []): string[] {
  return [...before, argument];
}
