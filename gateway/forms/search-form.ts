import { HubError } from '../../domain/errors.ts';
import type { FormFinding } from '../../platforms/web-forms.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { LoadedForm } from './load-form.ts';

/**
 * Answers a visitor who gave what the form asks for. Throws REQUEST_INVALID for anything less or more, NOT_FOUND for a form that does not
 * search, and FORM_UNAVAILABLE for whatever is wrong behind it: that is for the log, and not for a visitor.
 */
export async function searchForm(deps: Pick<GatewayDependencies, 'log'>, { form, platform, context }: LoadedForm, given: Readonly<Record<string, string>>): Promise<FormFinding> {
  if (form.search.length === 0) throw new HubError('NOT_FOUND', `The form «${form.name}» does not search.`, { field: 'form', fix: 'Name properties in `search` of this form, in the setting `forms` of the connector.' });
  checkGiven(form.search, given);
  try {
    return await platform.searchForForm(context, form, given);
  } catch (error) {
    throw unavailable(deps, context.connectorId, form.name, error);
  }
}

/** All that the form asks for and nothing else: with less, more contacts would match; with more, others could be asked about. */
function checkGiven(search: readonly string[], given: Readonly<Record<string, string>>): void {
  const other = Object.keys(given).find((name) => !search.includes(name));
  if (other !== undefined) throw new HubError('REQUEST_INVALID', `The form does not search by this property. It searches by: ${search.join(', ')}.`, { field: `values.${other}` });
  const missing = search.find((name) => !Object.hasOwn(given, name) || given[name]?.trim() === '');
  if (missing !== undefined) throw new HubError('REQUEST_INVALID', `«${missing}» has to be given.`, { field: `values.${missing}` });
}

function unavailable({ log }: Pick<GatewayDependencies, 'log'>, connectorId: string, form: string, error: unknown): HubError {
  const facts = error instanceof HubError ? { code: error.code, reason: error.message, fix: error.fix } : { error: error instanceof Error ? error.name : 'unknown' };
  log.error({ connectorId, form, ...facts }, 'A form could not be answered');
  return new HubError('FORM_UNAVAILABLE');
}
