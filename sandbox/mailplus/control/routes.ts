import { z } from 'zod';
import { queryValue } from '../http/query.ts';
import { accountRoutes } from './account-routes.ts';
import { ControlError } from './control-error.ts';
import { formsRoutes } from './forms-routes.ts';
import { mailingRoutes } from './mailing-routes.ts';
import { after, bare, route } from './route.ts';
import type { ControlCall, ControlRoute } from './route.ts';
import { fillSample } from './sample.ts';
import {
  bounceSchema, contactOnlySchema, editSchema, faultSchema, inactivateSchema, permissionSchema, refusalSchema,
  seedContactSchema,
} from './schemas.ts';
import { startsRoutes } from './starts-routes.ts';

const peopleRoutes: readonly ControlRoute[] = [
  route('POST', 'contacts/seed', z.strictObject({ contacts: z.array(seedContactSchema) }), (body, { control }) => ({
    created: control.seedContacts(body.contacts),
  })),
  route('POST', 'contacts/edit', editSchema, (body, { control }) => ({ changed: control.editContact(body) })),
  route('POST', 'contacts/unsubscribe', permissionSchema, (body, { control }) => ({ changed: control.unsubscribe(body) })),
  route('POST', 'contacts/resubscribe', permissionSchema, (body, { control }) => ({ changed: control.resubscribe(body) })),
  route('POST', 'contacts/bounce', bounceSchema, (body, { control }) => after(control.bounce(body))),
  route('POST', 'contacts/inactivate', inactivateSchema, (body, { control }) => ({ changed: control.inactivate(body) })),
  route('POST', 'contacts/activate', contactOnlySchema, (body, { control }) => after(control.activate(body))),
  route('POST', 'contacts/anonymise', contactOnlySchema, (body, { control }) => after(control.anonymise(body))),
];

const disturbanceRoutes: readonly ControlRoute[] = [
  route('POST', 'faults', faultSchema, (body, { control }) => control.addFault(body)),
  route('POST', 'refusals', refusalSchema, (body, { control }) => after(control.refuseWrites(body))),
  bare('GET', 'faults', ({ control }) => control.faults()),
  bare('DELETE', 'faults', ({ control }) => after(control.clearFaults())),
  bare('DELETE', 'faults/{id}', ({ control, path }) => ({ removed: control.removeFault(Number(path['id'])) })),
  route('PUT', 'latency', z.strictObject({ latencyMs: z.number().min(0) }), (body, { control }) =>
    after(control.setLatency(body.latencyMs))),
  route('PUT', 'clock', z.strictObject({ offsetMs: z.number().int() }), (body, { control }) =>
    after(control.setClockOffset(body.offsetMs))),
  bare('POST', 'sample', ({ control }) => fillSample(control)),
  bare('POST', 'reset', ({ control }) => after(control.reset())),
];

const insightRoutes: readonly ControlRoute[] = [
  bare('GET', 'health', () => ({ status: 'ok' })),
  bare('GET', 'journal', ({ control, query }) => control.journal(Number(queryValue(query, 'after') ?? '0'))),
  bare('DELETE', 'journal', ({ control }) => after(control.clearJournal())),
  bare('GET', 'counters', ({ control }) => control.counters()),
  bare('GET', 'effects', ({ control }) => control.effects()),
  bare('GET', 'state/summary', ({ control }) => control.summary()),
  bare('GET', 'state/contact', findContact),
];

/** Every endpoint of the control side but `GET state/contacts`, which the server streams. */
export const controlRoutes: readonly ControlRoute[] = [
  ...peopleRoutes, ...mailingRoutes, ...accountRoutes, ...startsRoutes, ...formsRoutes, ...disturbanceRoutes, ...insightRoutes,
];

function findContact({ control, query }: ControlCall): unknown {
  const [email, encryptedId, externalId] = ['email', 'encryptedId', 'externalId'].map((name) => queryValue(query, name));
  if (email !== undefined) return control.contact({ email });
  if (encryptedId !== undefined) return control.contact({ encryptedId });
  if (externalId === undefined) throw new ControlError(400, 'Give email, encryptedId or externalId');
  const externalIdField = queryValue(query, 'externalIdField');
  return control.contact({ externalId, ...(externalIdField !== undefined && { externalIdField }) });
}
