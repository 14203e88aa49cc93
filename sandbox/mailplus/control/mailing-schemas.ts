import { z } from 'zod';
import { instantSchema, selectorSchema } from './schemas.ts';
import { linkSchema } from './starts-schemas.ts';

const shareSchema = z.strictObject({
  emails: z.array(z.string()).optional(),
  externalIds: z.array(z.string()).optional(),
  ratio: z.number().min(0).max(1).optional(),
  count: z.number().int().min(0).optional(),
  at: instantSchema.optional(),
});

const recipientsSchema = z.strictObject({
  emails: z.array(z.string()).optional(),
  externalIds: z.array(z.string()).optional(),
  bit: z.number().int().optional(),
  /** Name of a static list: its members that have the permission `bit` (all members without it) get the mailing. */
  list: z.string().optional(),
  /** Recipients that are no contacts: `R1`, `R2` and so on. */
  generated: z.strictObject({ count: z.number().int().min(1).max(1_000_000), externalIdPrefix: z.string().regex(/\D$/).default('R') }).optional(),
});

const sharesSchema = z.strictObject({
  bounced: shareSchema.extend({ type: z.enum(['HARD', 'SOFT']).default('HARD') }).optional(),
  opened: shareSchema.optional(),
  clicked: shareSchema.optional(),
  /** Contacts that switch the permission `bit` off through a link of the mailing. */
  unsubscribed: shareSchema.extend({ bit: z.number().int() }).optional(),
  changedAt: instantSchema.optional(),
  seed: z.number().int().default(1),
});

/** A mailing that was sent, with all that recipients did. */
export const mailingSchema = sharesSchema.extend({
  name: z.string(),
  subject: z.string().optional(),
  type: z.enum(['EMAIL', 'SMS']).default('EMAIL'),
  sentAt: instantSchema.optional(),
  trendReportId: z.number().int().optional(),
  links: z.array(linkSchema).default([{ id: 1, name: 'Website', url: 'https://www.sandbox.example/' }]),
  recipients: recipientsSchema,
});

/** A message of a campaign goes out to everybody who is active in it, or to one of them. */
export const campaignSendSchema = sharesSchema.omit({ unsubscribed: true }).extend({
  contact: selectorSchema.optional(),
  sentAt: instantSchema.optional(),
});

/** One more thing that one recipient did. */
export const interactionSchema = z.strictObject({
  contact: selectorSchema,
  kind: z.enum(['sent', 'opened', 'clicked']),
  at: instantSchema.optional(),
  changedAt: instantSchema.optional(),
  /** The link of a click; the first one when absent. */
  linkId: z.number().int().optional(),
});

/** Which link of a message somebody follows to the shop; the first one when absent. */
export const mpidSchema = z.strictObject({ contact: selectorSchema, linkId: z.number().int().optional() });

/** A trend report; its id is the next one when absent. */
export const trendReportSchema = z.strictObject({
  id: z.number().int().min(1).optional(),
  name: z.string().min(1),
  enabled: z.boolean().default(true),
  target: z.enum(['B2B', 'B2C', 'OTHER']).default('B2B'),
  contentType: z.enum(['MARKETING', 'INFO', 'SERVICE']).default('MARKETING'),
  reportingEnabled: z.boolean().default(false),
  sendDays: z.number().int().default(7),
  sendHours: z.number().int().default(0),
  sendMinutes: z.number().int().default(0),
  reportEmails: z.array(z.string()).max(3).default([]),
  author: z.string().default('Sandbox'),
});

export type MailingSpec = z.input<typeof mailingSchema>;
export type CampaignSendSpec = z.input<typeof campaignSendSchema>;
export type MailingInteractionSpec = z.input<typeof interactionSchema>;
export type MpidSpec = z.input<typeof mpidSchema>;
export type TrendReportSpec = z.input<typeof trendReportSchema>;
/** Who a mailing goes to. */
export type RecipientChoice = z.output<typeof recipientsSchema>;
/** Which of a mailing's recipients something happened to. */
export type Share = z.output<typeof shareSchema>;
/** All that happened. */
export type Shares = z.output<typeof sharesSchema>;
