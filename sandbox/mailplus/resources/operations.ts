import type { Operation } from '../http/call.ts';
import { audienceContactOperations } from './audience-contact.ts';
import { audienceOperations } from './audience.ts';
import { automationOperations } from './automation.ts';
import { campaignMailingOperations } from './campaign-mailing.ts';
import { campaignOperations } from './campaign.ts';
import { contactBouncesOperations } from './contact-bounces.ts';
import { contactFormsOperations } from './contact-forms.ts';
import { contactListOperations } from './contact-list.ts';
import { contactMailingsOperations } from './contact-mailings.ts';
import { contactPropertiesOperations } from './contact-properties.ts';
import { contactSearchOperations } from './contact-search.ts';
import { contactStatusOperations } from './contact-status.ts';
import { contactUpdatesOperations } from './contact-updates.ts';
import { contactOperations } from './contact.ts';
import { conversionOperations } from './conversion.ts';
import { formResultOperations } from './form-result.ts';
import { formOperations } from './form.ts';
import { mailingInteractionOperations } from './mailing-interaction.ts';
import { mailingReportOperations } from './mailing-report.ts';
import { mailingStatisticsOperations } from './mailing-statistics.ts';
import { mailingOperations } from './mailing.ts';
import { orderOperations } from './order.ts';
import { productSearchOperations } from './product-search.ts';
import { productOperations } from './product.ts';
import { withShop } from './shop-licence.ts';
import { subscriptionOperations } from './subscription.ts';
import { temporaryListOperations } from './temporary-list.ts';
import { trendReportOperations } from './trend-report.ts';

/** Every method of the API that the sandbox has. */
export const operations: readonly Operation[] = [
  ...contactPropertiesOperations,
  ...contactOperations,
  ...contactListOperations,
  ...contactSearchOperations,
  ...contactUpdatesOperations,
  ...contactBouncesOperations,
  ...contactStatusOperations,
  ...contactFormsOperations,
  ...contactMailingsOperations,
  ...subscriptionOperations,
  ...temporaryListOperations,
  ...audienceOperations,
  ...audienceContactOperations,
  ...campaignOperations,
  ...campaignMailingOperations,
  ...automationOperations,
  ...formOperations,
  ...formResultOperations,
  ...withShop([...productOperations, ...productSearchOperations, ...orderOperations, ...conversionOperations]),
  ...mailingOperations,
  ...mailingStatisticsOperations,
  ...mailingReportOperations,
  ...mailingInteractionOperations,
  ...trendReportOperations,
];
