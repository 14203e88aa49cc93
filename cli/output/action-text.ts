import type { ActionStateView, AskedActionView } from '../../gateway/routes/actions.ts';
import type { FormRow, StartableRow } from '../commands/mailplus-catalogue.ts';
import { facts, table } from './table.ts';
import { when } from './times.ts';

/** Campaigns with their triggers, for a person. */
export function campaignsText(campaigns: readonly StartableRow[]): string {
  return startableText(campaigns, 'campaign', 'Mail+ has no campaigns.', '`hub mailplus trigger <campaign> [trigger] --contact <contact>` starts one.');
}

/** Automations with their triggers, for a person. */
export function automationsText(automations: readonly StartableRow[]): string {
  return startableText(automations, 'automation', 'Mail+ has no automations.', '`hub mailplus start <automation> [trigger] --contact <contact>` starts one.');
}

/** Forms, for a person. */
export function formsText(forms: readonly FormRow[]): string {
  if (forms.length === 0) return 'Mail+ has no forms.';
  return [table(['id', 'form', 'for', 'state'], forms.map(({ id, name, kind, state }) => [id, name, kind, state])), '`hub mailplus form get <form>` shows one, `hub mailplus form submit <form> --answer <name=value>` submits it.'].join('\n');
}

function startableText(rows: readonly StartableRow[], what: string, none: string, hint: string): string {
  if (rows.length === 0) return none;
  const active = (row: StartableRow): string => (row.active === null ? '' : row.active ? 'yes' : 'no');
  const triggers = (row: StartableRow): string => (row.triggers.length === 0 ? 'none from outside' : row.triggers.map(({ id, name }) => (name === '' ? id : `${id} (${name})`)).join('\n'));
  return [table([what, 'active', 'id', 'triggers'], rows.map((row) => [row.name, active(row), row.id, triggers(row)])), hint].join('\n');
}

/** What was asked for, for a person. */
export function askedText({ id, kind, cause, recordId }: AskedActionView): string {
  const whom = recordId === null ? '' : ` for record ${recordId}`;
  return `Action ${id}: ${kind}${whom}. Its cause is «${cause}»: asked for again with it, nothing is done twice.\n\`hub mailplus action ${id}\` shows what becomes of it.`;
}

const states: Readonly<Record<ActionStateView['state'], string>> = {
  pending: 'waits for its turn', sending: 'on its way', done: 'done', parked: 'a question for you', failed: 'failed', skipped: 'set aside',
};

/** What became of an action, for a person. */
export function actionStateText(action: ActionStateView): string {
  return facts([
    ['action', action.id], ['kind', action.kind], ['about', action.target], ['cause', action.cause], ['state', states[action.state]], ['code', action.code], ['why', action.reason],
    ['asked for (UTC)', when(action.askedAt)], ['begun (UTC)', when(action.begunAt)], ['settled (UTC)', when(action.settledAt)],
  ]);
}
