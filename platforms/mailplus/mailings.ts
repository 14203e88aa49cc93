import { HubError } from '../../domain/errors.ts';
import type { PlatformContext } from '../platform.ts';
import { sendOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';
import { wireMailingSchema } from './schema.ts';

/** What an activity needs to know of its mailing. */
export interface MailingFacts {
  readonly channel: 'email' | 'sms';
  readonly name: string | undefined;
  /** The mailing's public page, the same for everybody. */
  readonly url: string | undefined;
  /** Name of the list or selection that it was sent to. */
  readonly audienceName: string | undefined;
}

const unknownMailing: MailingFacts = { channel: 'email', name: undefined, url: undefined, audienceName: undefined };
/** By base, key and mailing; a mailing does not change once it is sent. Only answers are kept: a question under way may be cancelled with its activity. */
const known = new Map<string, MailingFacts>();
const maxKnown = 2_000;

/**
 * The facts of a mailing, or of a campaign mailing with that id; asked for once. One that Mail+ does not tell of (a type that its
 * reports leave out, a licence without them) counts as e-mail, as most are.
 */
export async function mailingFacts(context: PlatformContext, encryptedMailingId: string): Promise<MailingFacts> {
  const key = JSON.stringify([context.settings.baseUrl, context.credentials['key'], encryptedMailingId]);
  const facts = known.get(key) ?? await askFor(context, encryptedMailingId);
  known.set(key, facts);
  const [oldest] = known.keys();
  if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
  return facts;
}

async function askFor(context: PlatformContext, encryptedMailingId: string): Promise<MailingFacts> {
  for (const operation of [operations['mailing.get'], operations['campaign-mailing.get']]) {
    const answer = await sendOperation(context, operation, { encryptedMailingId }).catch(notLicensed);
    const parsed = answer === undefined || answer.refusal !== undefined ? undefined : wireMailingSchema.safeParse(answer.body);
    if (parsed?.success === true) return factsOf(parsed.data);
  }
  context.log.debug({ operation: 'GET /mailing/{encryptedMailingId}' }, 'Mail+ does not tell of a mailing; its activities count as e-mail');
  return unknownMailing;
}

/** 403 for a report, after the feed itself was answered with the same key, is about the licence. */
function notLicensed(error: unknown): undefined {
  if (error instanceof HubError && error.facts.status === 403) return undefined;
  throw error;
}

function factsOf(mailing: { readonly type?: string | null | undefined; readonly name?: string | null | undefined; readonly archiveLink?: string | null | undefined; readonly targetGroup?: string | null | undefined }): MailingFacts {
  return {
    channel: mailing.type === 'SMS' ? 'sms' : 'email',
    name: mailing.name ?? undefined,
    url: publicUrl(mailing.archiveLink),
    audienceName: mailing.targetGroup ?? undefined,
  };
}

/** The address of a mailing's public page, where it is one. */
export function publicUrl(link: string | null | undefined): string | undefined {
  return link != null && URL.canParse(link) && /^https?:/.test(link) ? link : undefined;
}
