import { createHmac } from 'node:crypto';
import type { Fields, Scalar } from '../../../domain/model/fields.ts';
import { sendJson, startRawServer, type SeenRequest } from '../raw-server.ts';
import type { Stand } from './harness.ts';

/** A contact as the system holds it, in the flat terms of `held`. */
interface HeldContact {
  readonly externalId: string;
  readonly held: Fields;
}

type Part = Readonly<Record<string, Scalar>>;

interface Entry {
  readonly id: string;
  readonly dataType: string;
  readonly kind: string;
  readonly externalId: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly name?: Part; readonly address?: Part; readonly extra?: Part; readonly consents?: readonly { readonly permission: string; readonly granted: boolean }[] };
}

/** A system of somebody's own that takes signed calls at `/hub`: written by the convention and the documentation only. */
export async function startCustomReceiver(secret: string, contacts: readonly HeldContact[]): Promise<Stand> {
  const held = new Map(contacts.map((contact) => [contact.externalId, contact.held]));
  const others = new Map<string, unknown>();
  const answered = new Map<string, unknown>();
  let stored = 0;
  const store = (entry: Entry): { readonly id: string; readonly message: string } | undefined => {
    if (entry.dataType !== 'contacts') {
      others.set(`${entry.dataType}/${entry.externalId}`, entry.kind === 'deleted' ? 'gone' : entry.data);
    } else {
      if (entry.data.address?.['country'] === 'QX') return { id: entry.id, message: 'there is no country QX for quillonne3@wexfordt.example' };
      held.set(entry.externalId, { ...held.get(entry.externalId), ...flat(entry), deleted: entry.kind === 'deleted' ? true : null });
    }
    stored += 1;
    return undefined;
  };
  const server = await startRawServer((request, response) => {
    if (!request.url.endsWith('/hub') || request.url.includes('/elsewhere')) return void response.writeHead(404).end();
    if (!isSigned(request, secret)) return void response.writeHead(401).end();
    const { entries = [] } = JSON.parse(request.body) as { readonly entries?: readonly Entry[] };
    const id = String(request.headers['webhook-id']);
    if (!answered.has(id)) answered.set(id, { refused: entries.flatMap((entry) => store(entry) ?? []) });
    return sendJson(response, 200, answered.get(id));
  });
  return {
    baseUrl: server.url, credentials: { webhookSecret: secret }, state: () => structuredClone([[...held], [...others]]), effects: () => stored,
    held: (id) => held.get(id), expected: () => [], close: () => server.close(),
  };
}

function isSigned({ headers, body }: SeenRequest, secret: string): boolean {
  const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', secret).update(content).digest('base64')}`;
}

function flat({ data: { name = {}, address = {}, extra = {}, consents = [], ...top } }: Entry): Fields {
  return {
    ...(top as Part), ...name, ...address, ...Object.fromEntries(Object.entries(extra).map(([key, value]) => [`extra.${key}`, value])),
    ...Object.fromEntries(consents.map(({ permission, granted }) => [`consent:${permission}`, granted])),
  };
}
