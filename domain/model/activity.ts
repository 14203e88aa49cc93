import { z } from 'zod';

/** The fourteen activities that are written back (seed 000), `Unsubscribed` being a permission and no activity; opens are kept here and exported nowhere. */
export const activityTypes = [
  'conversation.concluded', 'email.sent', 'email.bounced', 'email.clicked', 'page.viewed', 'email.complained', 'sms.sent', 'sms.bounced',
  'event.invited', 'event.accepted', 'event.declined', 'event.attended', 'event.no_show', 'form.submitted', 'email.opened',
] as const;

export type ActivityType = (typeof activityTypes)[number];

/** Something that happened with a contact at a moment: a fact, never merged, never changed. */
export const canonicalActivitySchema = z.object({
  /** Unique at the connector that reports it. */
  externalId: z.string().min(1),
  type: z.enum(activityTypes),
  /** ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** The contact, by its id at the reporting connector (`enc:<encryptedId>` where it has none). */
  contactExternalId: z.string().min(1),
  /** The mailing, campaign or event it belongs to, at the reporting connector. */
  subjectId: z.string().optional(),
  /** Name of the list or group that it was sent to, where the platform tells: leads to the campaign that caused it. */
  audienceName: z.string().optional(),
  /** For a person to read; no personal data. */
  description: z.string(),
  url: z.string().optional(),
  /** `hard` or `soft`, for bounces. */
  bounce: z.enum(['hard', 'soft']).optional(),
});

/** One activity (`canonicalActivitySchema`). */
export type CanonicalActivity = z.infer<typeof canonicalActivitySchema>;

/** Activity types that are written to a CRM: all but opens, which the source document does not list (seed 000). */
export const exportedActivityTypes: readonly ActivityType[] = activityTypes.filter((type) => type !== 'email.opened');
