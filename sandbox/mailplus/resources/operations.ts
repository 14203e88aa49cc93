import type { Operation } from '../http/call.ts';
import { contactBouncesOperations } from './contact-bounces.ts';
import { contactListOperations } from './contact-list.ts';
import { contactPropertiesOperations } from './contact-properties.ts';
import { contactSearchOperations } from './contact-search.ts';
import { contactStatusOperations } from './contact-status.ts';
import { contactUpdatesOperations } from './contact-updates.ts';
import { contactOperations } from './contact.ts';
import { mailingInteractionOperations } from './mailing-interaction.ts';
import { mailingOperations } from './mailing.ts';
import { temporaryListOperations } from './temporary-list.ts';

/** Every method of the API that the sandbox has. */
export const operations: readonly Operation[] = [
  ...contactPropertiesOperations,
  ...contactOperations,
  ...contactListOperations,
  ...contactSearchOperations,
  ...contactUpdatesOperations,
  ...contactBouncesOperations,
  ...contactStatusOperations,
  ...temporaryListOperations,
  ...mailingOperations,
  ...mailingInteractionOperations,
];
