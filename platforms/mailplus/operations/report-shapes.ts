import { z } from 'zod';
import { id, text, whole, type Wire } from './wire.ts';

/** What a mailing says, and from whom. */
export const mailingMessage = z.object({ name: text, author: text, fromName: text, subject: text, fromEmail: text });

/** A link of a mailing; `id` is the `linkId` of clicks. */
export const mailingLink = z.object({ id: whole, name: text, url: text, code: text, type: text });

/** Rows of the reports of a mailing: the contact by either of its ids, and what happened. */
export function reportRows({ instant }: Wire) {
  const contactIdentifier = z.object({ externalId: id, encryptedId: id });
  return {
    recipient: z.object({ contactIdentifier }),
    open: z.object({ contactIdentifier, openDate: instant }),
    click: z.object({ contactIdentifier, clickDate: instant, linkId: whole }),
    bounce: z.object({ contactIdentifier, bounceDate: instant, type: text }),
  };
}
