import { mappableProperties, type DiscoveredField } from './check-mapping.ts';

/** Properties and switches that were there once and are not any more: name to since when, as ISO instant. */
export type GoneProperties = Readonly<Record<string, string>>;

/** What a look at an account's fields has shown. */
export interface Discovery {
  readonly gone: GoneProperties;
  /** Properties and switches that came, went, or are of another type than before. */
  readonly changed: ReadonlySet<string>;
}

/** Compares what an account has with what it had. `at`: when it was looked at, ISO instant. Pure. */
export function compareFields(before: readonly DiscoveredField[], goneBefore: GoneProperties, now: readonly DiscoveredField[], at: string): Discovery {
  const [had, has] = [typesOf(before), typesOf(now)];
  const changed = new Set([...had.keys(), ...has.keys()].filter((name) => had.get(name) !== has.get(name)));
  const missing = [...Object.keys(goneBefore), ...had.keys()].filter((name) => !has.has(name));
  return { changed, gone: Object.fromEntries(missing.map((name) => [name, goneBefore[name] ?? at])) };
}

function typesOf(fields: readonly DiscoveredField[]): ReadonlyMap<string, string> {
  return new Map(mappableProperties(fields).map(({ name, type, readOnly }) => [name, readOnly === undefined ? type : `${type}, read-only`]));
}
