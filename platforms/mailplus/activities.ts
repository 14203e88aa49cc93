import type { ActivityType, CanonicalActivity } from '../../domain/model/activity.ts';
import type { RejectedRow } from '../../domain/model/source-record.ts';
import type { PlatformContext, SourcePage, StreamDefinition, Window } from '../platform.ts';
import { decodeInstant } from './dates.ts';
import { mailingFacts, type MailingFacts } from './mailings.ts';
import { contactId } from './normalise.ts';
import { operations } from './operations/index.ts';
import { wireBounceSchema, wireInteractionSchema } from './schema.ts';
import { mailplusSettings } from './settings.ts';
import { readWindow, type WindowedMethod } from './streams.ts';

/** The interaction feeds, named as Mail+ names them. */
export type InteractionKind = 'sent' | 'opened' | 'clicked' | 'bounced';

/** One thing that happened, out of either feed, before its mailing is looked up. */
interface Happening {
  readonly externalId: string;
  readonly kind: InteractionKind;
  readonly at: string;
  /** Absent: a contact that no other system knows. */
  readonly contactExternalId: string | undefined;
  readonly mailingId: string | undefined;
  readonly bounce?: 'hard' | 'soft';
}

/** SMS have no opens, and a click in one is none of the activities that are written back. */
const types: Readonly<Record<MailingFacts['channel'], Readonly<Record<InteractionKind, ActivityType | undefined>>>> = {
  email: { sent: 'email.sent', opened: 'email.opened', clicked: 'email.clicked', bounced: 'email.bounced' },
  sms: { sent: 'sms.sent', opened: undefined, clicked: undefined, bounced: 'sms.bounced' },
};
const verbs: Readonly<Record<InteractionKind, string>> = { sent: 'sent', opened: 'opened', clicked: 'clicked', bounced: 'bounced' };

/** One page of `GET /mailing-interaction/<kind>`, by change date. Bounces come from here only when the settings say so; else no call is made. */
export async function readInteractions(
  context: PlatformContext, kind: InteractionKind, stream: StreamDefinition, window: Window, pageToken: string | undefined,
): Promise<SourcePage> {
  if (kind === 'bounced' && mailplusSettings(context.settings).bounceFeed !== 'interactions') return nothing(context);
  const method: WindowedMethod = {
    operation: operations[`mailing-interaction.${kind}`], fromParameter: 'fromChangeDate', toParameter: 'toChangeDate',
    keyOf: (row) => String((row as { readonly id?: unknown } | null)?.id),
  };
  const { rows, ...page } = await readWindow(context, method, { window, pageSize: stream.pageSize, pageToken });
  return { ...page, rows: [], ...await take(context, rows, (row) => fromInteraction(context, kind, row)) };
}

/**
 * One page of `GET /contact/bounces/list`, the usual source of bounces: it also has those outside mailings and those of contacts without
 * an external id. Nothing, without a call, when the settings name the other feed.
 */
export async function readBounces(context: PlatformContext, stream: StreamDefinition, window: Window, pageToken: string | undefined): Promise<SourcePage> {
  if (mailplusSettings(context.settings).bounceFeed !== 'bounces') return nothing(context);
  const method: WindowedMethod = {
    operation: operations['contact.bounces'], fromParameter: 'fromDate', toParameter: 'toDate', keyOf: bounceKey,
  };
  const { rows, ...page } = await readWindow(context, method, { window, pageSize: stream.pageSize, pageToken });
  return { ...page, rows: [], ...await take(context, rows, (row) => fromBounce(context, row)) };
}

function bounceKey(row: unknown): string {
  const parsed = wireBounceSchema.safeParse(row);
  return parsed.success ? `${parsed.data.date} ${contactId(parsed.data.contact) ?? ''} ${parsed.data.encryptedActId ?? ''}` : '';
}

function nothing(context: PlatformContext): SourcePage {
  return { rows: [], activities: [], rejected: [], readAt: new Date(context.now()).toISOString() };
}

function fromInteraction(context: PlatformContext, kind: InteractionKind, row: unknown): Happening | RejectedRow {
  const parsed = wireInteractionSchema.safeParse(row);
  if (!parsed.success) return rejected('', parsed.error.issues[0]?.path.join('.') ?? '', 'is not of the type that the contract names', row);
  const { id, date, changeDate, bounceType, externalContactId, encryptedMailingId } = parsed.data;
  const externalId = `${kind}:${id}`;
  const at = decodeInstant(date ?? changeDate, mailplusSettings(context.settings).timeZone);
  if (at === undefined) return rejected(externalId, 'date', 'is no date', row);
  return {
    externalId, kind, at, contactExternalId: externalContactId, mailingId: encryptedMailingId,
    ...(kind === 'bounced' ? { bounce: hardness(bounceType ?? '') } : {}),
  };
}

function fromBounce(context: PlatformContext, row: unknown): Happening | RejectedRow {
  const parsed = wireBounceSchema.safeParse(row);
  if (!parsed.success) return rejected('', parsed.error.issues[0]?.path.join('.') ?? '', 'is not of the type that the contract names', row);
  const { date, type, contact, encryptedActId } = parsed.data;
  const at = decodeInstant(date, mailplusSettings(context.settings).timeZone);
  const contactExternalId = contactId(contact);
  if (at === undefined) return rejected(contactExternalId ?? '', 'date', 'is no date', row);
  const externalId = `bounce:${contact.encryptedId ?? contactExternalId ?? ''}:${encryptedActId ?? ''}:${Date.parse(at)}`;
  return { externalId, kind: 'bounced', at, contactExternalId, mailingId: encryptedActId, bounce: hardness(type) };
}

/** `HARD` and `HARDBOUNCE` are hard; the contract has no third kind. */
function hardness(type: string): 'hard' | 'soft' {
  return type.toUpperCase().startsWith('HARD') ? 'hard' : 'soft';
}

async function take(
  context: PlatformContext, rows: readonly unknown[], read: (row: unknown) => Happening | RejectedRow,
): Promise<Pick<SourcePage, 'activities' | 'rejected'>> {
  const activities: CanonicalActivity[] = [];
  const rejectedRows: RejectedRow[] = [];
  let strangers = 0;
  for (const row of rows) {
    const happening = read(row);
    if ('reason' in happening) rejectedRows.push(happening);
    else if (happening.contactExternalId === undefined) strangers += 1;
    else {
      const activity = await asActivity(context, happening, happening.contactExternalId);
      if (activity !== undefined) activities.push(activity);
    }
  }
  if (strangers > 0) context.log.debug({ connectorId: context.connectorId, strangers }, 'activities of contacts without an external id are left out');
  return { activities, rejected: rejectedRows };
}

async function asActivity(context: PlatformContext, happening: Happening, contactExternalId: string): Promise<CanonicalActivity | undefined> {
  const { externalId, kind, at, mailingId, bounce } = happening;
  const mailing = mailingId === undefined ? undefined : await mailingFacts(context, mailingId);
  const channel = mailing?.channel ?? 'email';
  const type = types[channel][kind];
  if (type === undefined) return undefined;
  const subject = `${channel === 'sms' ? 'SMS' : 'E-mail'}${mailing?.name === undefined ? '' : ` «${mailing.name}»`}`;
  return {
    externalId, type, at, contactExternalId, description: `${subject} ${verbs[kind]}${bounce === undefined ? '' : ` (${bounce})`}`,
    ...(mailingId === undefined ? {} : { subjectId: mailingId }),
    ...(mailing?.audienceName === undefined ? {} : { audienceName: mailing.audienceName }),
    ...(mailing?.url === undefined ? {} : { url: mailing.url }),
    ...(bounce === undefined ? {} : { bounce }),
  };
}

function rejected(externalId: string, path: string, reason: string, payload: unknown): RejectedRow {
  return { dataType: 'activities', externalId, path, code: 'RECORD_INVALID', reason, payload };
}
