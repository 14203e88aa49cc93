const english = new Intl.NumberFormat('en-GB');

/** A number as a person reads it: `12,300`. */
export function number(value: number): string {
  return english.format(value);
}

/** A count with its noun: `1 record`, `12,300 records`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
