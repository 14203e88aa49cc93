import type { ConnectorFieldsView } from '../../gateway/mapping/connector-fields.ts';
import type { MappingView, RemapView } from '../../gateway/mapping/mapping-view.ts';
import { number } from './counts.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { when } from './times.ts';

const arrows = { in: 'is read from', out: 'is written to', both: 'both ways' } as const;

/** Fields with their properties, and what is held back. */
export function mappingText(paint: Paint, { version, changedBy, changedAt, lines, remap }: MappingView): string {
  const rows = lines.map(({ field, property, direction, type, from, heldBack, goneSince }) =>
    [field, arrows[direction], property ?? '(left out)', type ?? '', from === 'mapping' ? 'set' : 'default', heldBack === null ? '' : paint.warn(`${heldBack}${goneSince === null ? '' : `, since ${when(goneSince)} UTC`}`)]);
  const by = version === 0 ? 'Nobody has changed the mapping.' : `Version ${version}, by ${changedBy ?? ''} at ${when(changedAt)} UTC.`;
  return [by, table(['field', 'direction', 'property', 'type', 'from', 'held back'], rows), ...(remap === null ? [] : [`Stored contacts: ${remapText(remap)}`])].join('\n');
}

/** How far stored contacts are in line with the mapping, in a line. */
export function remapText({ state, looked, total, percent, derived, raised }: RemapView): string {
  const counts = `${number(derived)} read anew, ${number(raised)} planned anew`;
  return state === 'done' ? `all in line, ${counts}` : `${percent} %, ${number(looked)} of ${number(total)} looked at, ${counts}`;
}

/** The properties of an account, one a line, with the switches of sets. */
export function fieldsText(paint: Paint, { readAt, fields, gone }: ConnectorFieldsView): string {
  if (readAt === null) return 'The fields were never read. `--refresh` reads them.';
  const rows = fields.flatMap(({ name, type, description, readOnly, switches }) =>
    [[name, type, readOnly === null ? description : `${description} (read-only: ${readOnly})`], ...switches.map((one) => [`  ${one.name}`, 'switch', one.description])]);
  return [
    `Read at ${when(readAt)} UTC.`, table(['property', 'type', 'description'], rows),
    ...gone.map(({ name, since }) => `${paint.warn('Gone')}  ${name}, since ${when(since)} UTC`),
  ].join('\n');
}
