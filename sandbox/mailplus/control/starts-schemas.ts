import { z } from 'zod';
import { startKinds } from '../state/started.ts';

/** A link of a message; the kinds are the vendor's (contract 2). */
export const linkSchema = z.strictObject({
  id: z.number().int(),
  name: z.string(),
  url: z.string(),
  code: z.string().optional(),
  type: z.enum([
    'twitter', 'facebook', 'whatsapp', 'linkedin', 'openhtml', 'opentext', 'openpdf', 'openpdftext', 'unsubscribe', 'editprofile',
    'webshop', 'conversion',
  ]).optional(),
});

/** A campaign with its external triggers and messages. */
export const campaignSchema = z.strictObject({
  name: z.string().min(1),
  active: z.boolean().default(true),
  /** Names of its external triggers. */
  triggers: z.array(z.string().min(1)).default(['External trigger']),
  mailings: z.array(z.strictObject({
    name: z.string().min(1),
    subject: z.string().optional(),
    type: z.enum(['EMAIL', 'SMS']).default('EMAIL'),
    links: z.array(linkSchema).default([]),
  })).default([{ name: 'Message', type: 'EMAIL', links: [] }]),
  repeat: z.enum(['never', 'whenFinished', 'always']).default('whenFinished'),
  selectionBit: z.number().int().optional(),
});

/** An automation with its trigger codes, one of its own when absent. */
export const automationSchema = z.strictObject({
  name: z.string().min(1),
  active: z.boolean().default(true),
  triggerCodes: z.array(z.uuid().toLowerCase()).optional(),
  participationLimit: z.number().int().min(1).optional(),
});

/** Which starts are meant; all when empty. */
export const startFilterSchema = z.strictObject({
  kind: z.enum(startKinds).optional(),
  target: z.string().optional(),
  email: z.string().optional(),
  externalId: z.string().optional(),
  externalIdField: z.string().optional(),
});

export type CampaignSpec = z.input<typeof campaignSchema>;
export type AutomationSpec = z.input<typeof automationSchema>;
export type StartFilter = z.input<typeof startFilterSchema>;
