import { z } from 'zod';
import { parseIsoInstant } from '../dates.ts';
import { requestedCodes } from '../state/refusals.ts';

/** An instant: ISO 8601 text, or epoch milliseconds. */
export const instantSchema = z.union([
  z.number().int(),
  z.string().transform((text, context) => {
    const instantMs = parseIsoInstant(text);
    if (instantMs !== undefined) return instantMs;
    context.addIssue({ code: 'custom', message: 'not an ISO 8601 date' });
    return z.NEVER;
  }),
]);

/** Names one contact. `externalIdField` is the first credential's when absent. */
export const selectorSchema = z.union([
  z.strictObject({ email: z.string() }),
  z.strictObject({ encryptedId: z.string() }),
  z.strictObject({ externalId: z.string(), externalIdField: z.string().optional() }),
]);

/** A contact to put into the account as it is; `permissions` are the enabled bits. Values are checked unless `checked` is false. */
export const seedContactSchema = z.strictObject({
  externalId: z.string().optional(),
  externalIds: z.record(z.string(), z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  permissions: z.array(z.number().int()).optional(),
  created: instantSchema.optional(),
  lastChanged: instantSchema.optional(),
  testGroup: z.boolean().default(false),
});

/** A user or the contact itself edits properties. */
export const editSchema = z.strictObject({
  contact: selectorSchema,
  properties: z.record(z.string(), z.unknown()),
  at: instantSchema.optional(),
});

/** One permission is switched by the contact. */
export const permissionSchema = z.strictObject({
  contact: selectorSchema,
  bit: z.number().int(),
  /** The mailing whose link was followed, for its statistics. */
  encryptedMailingId: z.string().optional(),
  at: instantSchema.optional(),
});

/** A bounce outside a mailing, or of the mailing with this encrypted id. */
export const bounceSchema = z.strictObject({
  contact: selectorSchema,
  type: z.enum(['HARDBOUNCE', 'SOFTBOUNCE']),
  encryptedMailingId: z.string().optional(),
  at: instantSchema.optional(),
});

/** The contact can no longer be mailed. */
export const inactivateSchema = z.strictObject({
  contact: selectorSchema,
  reason: z.enum(['api', 'optOut', 'complaint', 'hardBounce', 'softBounces']).default('optOut'),
  at: instantSchema.optional(),
});

/** Just a contact. */
export const contactOnlySchema = z.strictObject({ contact: selectorSchema, at: instantSchema.optional() });

/** A list made in the account itself. */
export const accountListSchema = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['IMPORT', 'RESPONSE', 'API', 'SPLIT']).default('IMPORT'),
  inUse: z.boolean().default(false),
});

/** One more login. */
export const credentialSchema = z.strictObject({ key: z.string().min(1), secret: z.string(), externalIdField: z.string().min(1) });

/** The next writes of one contact are refused. */
export const refusalSchema = z.strictObject({
  externalId: z.string().min(1),
  code: z.enum(requestedCodes),
  count: z.number().int().min(1).default(1),
});

/** A disturbance; see `FaultSpec`. */
export const faultSchema = z.strictObject({
  action: z.enum(['html500', 'status', 'rateLimit', 'slow', 'reset', 'halfBody']),
  when: z.enum(['before', 'after']).optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  path: z.string().startsWith('/').optional(),
  skip: z.number().int().min(0).optional(),
  count: z.number().int().min(1).optional(),
  ratio: z.number().min(0).max(1).optional(),
  seed: z.number().int().optional(),
  latencyMs: z.number().min(0).optional(),
  retryAfterSeconds: z.number().min(0).optional(),
  status: z.number().int().min(200).max(599).optional(),
  body: z.string().optional(),
  contentType: z.string().optional(),
});

export type ContactSelector = z.input<typeof selectorSchema>;
export type SeedContact = z.input<typeof seedContactSchema>;
export type ContactEdit = z.input<typeof editSchema>;
export type PermissionSwitch = z.input<typeof permissionSchema>;
export type BounceReport = z.input<typeof bounceSchema>;
export type Inactivation = z.input<typeof inactivateSchema>;
export type SingleContact = z.input<typeof contactOnlySchema>;
export type RefusalSpec = z.input<typeof refusalSchema>;
export type AccountList = z.input<typeof accountListSchema>;
