import { z } from 'zod';
import { contactOnlySchema } from './schemas.ts';
import { after, bare, route } from './route.ts';
import type { ControlRoute } from './route.ts';
import { automationSchema, campaignSchema, startFilterSchema } from './starts-schemas.ts';

const activeSchema = z.strictObject({ active: z.boolean() });

/** Campaigns, automations, and what was started. */
export const startsRoutes: readonly ControlRoute[] = [
  route('POST', 'campaigns', campaignSchema, (body, { control }) => control.starts.addCampaign(body)),
  route('PUT', 'campaigns/{encryptedId}/active', activeSchema, (body, { control, path }) =>
    after(control.starts.setCampaignActive(path['encryptedId'] ?? '', body.active))),
  route('POST', 'campaigns/{encryptedId}/finish', contactOnlySchema, (body, { control, path }) =>
    after(control.starts.finishCampaign(path['encryptedId'] ?? '', body.contact))),
  route('POST', 'automations', automationSchema, (body, { control }) => control.starts.addAutomation(body)),
  route('PUT', 'automations/{automationId}/active', activeSchema, (body, { control, path }) =>
    after(control.starts.setAutomationActive(path['automationId'] ?? '', body.active))),
  bare('GET', 'started', ({ control, query }) => control.starts.started(startFilterSchema.parse(Object.fromEntries(query)))),
  bare('GET', 'started/counts', ({ control, query }) => control.starts.counts(startFilterSchema.parse(Object.fromEntries(query)))),
];
