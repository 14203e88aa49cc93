import { audienceOperations } from './audience.ts';
import { automationOperations } from './automation.ts';
import { campaignMailingOperations } from './campaign-mailing.ts';
import { campaignOperations } from './campaign.ts';
import { contactOperations } from './contact.ts';
import { conversionOperations } from './conversion.ts';
import { formOperations } from './form.ts';
import { mailingInteractionOperations } from './mailing-interaction.ts';
import { mailingOperations } from './mailing.ts';
import { orderOperations } from './order.ts';
import { productOperations } from './product.ts';
import { subscriptionOperations } from './subscription.ts';
import { templistOperations } from './templist.ts';
import { trendReportOperations } from './trend-report.ts';

/** Every operation of Mail+ by its name: the only list of them. */
export const operations = {
  ...contactOperations,
  ...subscriptionOperations,
  ...templistOperations,
  ...audienceOperations,
  ...campaignOperations,
  ...automationOperations,
  ...formOperations,
  ...productOperations,
  ...orderOperations,
  ...conversionOperations,
  ...mailingOperations,
  ...campaignMailingOperations,
  ...mailingInteractionOperations,
  ...trendReportOperations,
};

/** The name of an operation. */
export type OperationName = keyof typeof operations;
