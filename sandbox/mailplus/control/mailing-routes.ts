import { campaignSendSchema, interactionSchema, mailingSchema, mpidSchema, trendReportSchema } from './mailing-schemas.ts';
import { after, route } from './route.ts';
import type { ControlRoute } from './route.ts';

/** Mailings, messages of campaigns, and trend reports. */
export const mailingRoutes: readonly ControlRoute[] = [
  route('POST', 'mailings', mailingSchema, (body, { control }) => control.sendMailing(body)),
  route('POST', 'mailings/{encryptedId}/interactions', interactionSchema, (body, { control, path }) =>
    after(control.recordInteraction(path['encryptedId'] ?? '', body))),
  route('POST', 'mailings/{encryptedId}/mpid', mpidSchema, (body, { control, path }) => ({
    mailplusId: control.reports.mpid(path['encryptedId'] ?? '', body),
  })),
  route('POST', 'campaign-mailings/{encryptedId}/send', campaignSendSchema, (body, { control, path }) =>
    control.reports.sendCampaignMailing(path['encryptedId'] ?? '', body)),
  route('POST', 'campaign-mailings/{encryptedId}/interactions', interactionSchema, (body, { control, path }) =>
    after(control.reports.recordCampaignInteraction(path['encryptedId'] ?? '', body))),
  route('POST', 'trend-reports', trendReportSchema, (body, { control }) => control.reports.addTrendReport(body)),
];
