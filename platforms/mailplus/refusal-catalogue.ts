import type { ErrorCode } from '../../domain/error-catalogue.ts';

/** Who has to act: nobody (the hub goes on by itself), an operator of the hub, whoever keeps Mail+, the source system, the developers, or Spotler. */
export type Actor = 'nobody' | 'operator' | 'Mail+' | 'source' | 'developer' | 'Spotler';

/** One thing that Mail+ says: the hub's code for it, what it means, who acts, and what to do. */
export interface RefusalRow {
  readonly code: ErrorCode;
  readonly means: string;
  readonly who: Actor;
  readonly fix: string;
}

const row = (code: ErrorCode, who: Actor, means: string, fix: string): RefusalRow => ({ code, who, means, fix });

const activateApi = 'In Mail+, have the REST API activated, then make an authentication under Integrations > Configurations and give its key and secret to `hub connector set`. An account with Spotler eCommerce has an authentication already: use that one, or make another.';

/** The error types of `ErrorResponse` (contract §1.7): they decide before the status. Rows of `docs/errors.md` are made from these tables. */
export const errorTypes = {
  INVALID_PARAMS: row('PLATFORM_REFUSED', 'operator', 'A value of the call is wrong.', 'Correct the value that Mail+ names; `hub mailplus call` shows its words.'),
  INVALID_STATE: row('PLATFORM_REFUSED', 'Mail+', 'What the call is about is not in a state for it: a list in use, a campaign that is not active, a contact in it already.', 'Wait until it is free, or change it in Mail+; then call again.'),
  NAME_ALREADY_IN_USE: row('PLATFORM_REFUSED', 'operator', 'Something else has this name.', 'Choose another name, or remove the other in Mail+.'),
  ID_NOTUNIQUE: row('PLATFORM_REFUSED', 'operator', 'There is something with this id already.', 'Update it instead (`update: true`), or choose another id.'),
  PRODUCT_NOTFOUND: row('RECORD_GONE', 'source', 'Mail+ has no product with this id.', 'Send the product first.'),
  AUTH_NOT_FOUND: row('PLATFORM_LOGIN_REFUSED', 'operator', 'Mail+ does not know the key.', activateApi),
  NOT_AUTHORIZED: row('PLATFORM_LOGIN_REFUSED', 'operator', 'The key is known, but the signature is wrong or the key may not do this.', `Check the secret and this machine's clock. ${activateApi}`),
  FORM_NOT_FOUND: row('RECORD_GONE', 'operator', 'Mail+ has no form with this id.', 'Take an id from `form.list`.'),
  CONTACT_NOT_FOUND: row('RECORD_GONE', 'source', 'Mail+ has no contact with this external id in the field of this authentication.', 'Send the contact first. If another authentication wrote it, its id stands in another field.'),
  CONTACT_OPTOUT: row('RECORD_OPTED_OUT', 'nobody', 'The contact is inactive or its address on the blacklist.', 'Nothing, unless the person asks for it: then activate the contact in Mail+.'),
  CONTACT_ALREADY_EXISTS: row('RECORD_REFUSED', 'operator', 'The contact exists already, and the call may only make new ones.', 'Call again with `update: true`.'),
  INVALID_PROPERTY: row('RECORD_REFUSED', 'operator', 'A property is not known, not visible in the account, or its value does not fit its type.', 'Correct the property that Mail+ names; `hub mailplus call contact.properties` lists those of the account. A postcode property takes Dutch postcodes only.'),
  BACKEND_EXCEPTION: row('PLATFORM_ERROR', 'nobody', 'An internal error of Mail+.', 'Nothing to do: it is tried again. If it lasts, ask Spotler\'s support.'),
  RESOURCE_NOT_FOUND: row('PLATFORM_REFUSED', 'operator', 'What the call names does not exist in Mail+, or there is no such method at this address.', 'Check the id: it may have been removed in Mail+. If every call is answered so, check the setting baseUrl.'),
  TRIGGER_NOTFOUND: row('RECORD_GONE', 'Mail+', 'No campaign has this trigger.', 'Take the trigger\'s id from `campaign.list`; only external triggers are there.'),
  CAMPAIGN_NOTFOUND: row('RECORD_GONE', 'Mail+', 'Mail+ has no campaign with this id.', 'Take the id from `campaign.list`.'),
  ORDER_NOTFOUND: row('RECORD_GONE', 'source', 'Mail+ has no order with this id.', 'Insert the order, or leave out its removal.'),
  MAILING_NOTFOUND: row('RECORD_GONE', 'operator', 'Mail+ has no mailing with this id.', 'Take the id from `mailing.list`; mailings of campaigns are asked for with `campaign-mailing.get`.'),
  INVALID_MAILING: row('PLATFORM_REFUSED', 'operator', 'Mail+ has no such report for mailings of this type.', 'Ask for a mailing of another type.'),
  FORMRESULT_NOT_FOUND: row('RECORD_GONE', 'operator', 'The form has no result with this id.', 'Take the id from `form.results`.'),
} as const satisfies Record<string, RefusalRow>;

/** What Mail+ says of one contact of a batch (contract §2 `ContactResponseCode`), besides `OK`. */
export const batchCodes = {
  PROPERTY_INVALID: row('RECORD_REFUSED', 'source', 'A property of this contact is not known, or its value does not fit.', 'Correct the named field at the source, or map it to another property.'),
  CONTACT_ALREADY_EXISTS: row('RECORD_REFUSED', 'operator', 'This contact exists already and may not be updated by the call.', 'Call again with `update: true`.'),
  CONTACT_UNKNOWN: row('RECORD_GONE', 'source', 'Mail+ does not know this contact any more.', 'If it should exist, make it anew at the source.'),
  CONTACT_OPTOUT: row('RECORD_OPTED_OUT', 'nobody', 'This contact is inactive or its address on the blacklist.', 'Nothing, unless the person asks for it: then activate the contact in Mail+.'),
  NO_ACTIVE_CHANNEL: row('RECORD_REFUSED', 'source', 'This contact has neither an e-mail address nor a mobile number that can be used.', 'Give it one at the source.'),
  ERROR: row('RECORD_REFUSED', 'Spotler', 'Mail+ could not store this contact for a reason of its own. It was tried twice.', 'Use `hub failed retry`. If it lasts, ask Spotler\'s support.'),
} as const satisfies Record<string, RefusalRow>;

/** What Mail+ says of an automation that was to be started (contract §3.12), besides `OK`. Nothing was started. */
export const automationResults = {
  UNKNOWN: row('PLATFORM_REFUSED', 'Spotler', 'Mail+ does not say why the automation was not started.', 'Look at the automation in Mail+. If nothing is wrong there, ask Spotler\'s support.'),
  CONTACT_NOTFOUND: row('RECORD_GONE', 'source', 'Mail+ has no contact with this external id.', 'Send the contact first.'),
  NOT_TRIGGERED: row('PLATFORM_REFUSED', 'Mail+', 'No automation of the trigger was started; each says why.', 'See `automationResults` of the answer.'),
  AUTOMATION_INACTIVE: row('PLATFORM_REFUSED', 'Mail+', 'The automation is not active.', 'Activate it in Mail+.'),
  PARTICIPATION_LIMIT_REACHED: row('PLATFORM_REFUSED', 'Mail+', 'The contact has been in the automation as often as it allows.', 'Raise the limit in Mail+, if the person is to get it again.'),
} as const satisfies Record<string, RefusalRow>;

/** What a status means when the answer carries no error type that says it. */
export const situations = {
  '400': row('PLATFORM_REFUSED', 'developer', 'The call is wrong, and Mail+ does not say in what.', 'Compare the call with `hub mailplus operations`; report it with the failed call.'),
  '401': row('PLATFORM_LOGIN_REFUSED', 'operator', 'Key or secret is wrong, or the REST API is not active.', activateApi),
  '403': row('PLATFORM_LOGIN_REFUSED', 'operator', 'The key may not do this.', activateApi),
  '403 at an audience': row('PLATFORM_NOT_LICENSED', 'Spotler', 'The account has neither Automation nor eCommerce.', 'Have the licence extended, or use static lists. If every other call is refused as well, the key is wrong.'),
  '403 at the shop': row('PLATFORM_NOT_LICENSED', 'Spotler', 'The account has no Spotler eCommerce: it takes no products, orders and conversions.', 'Have the licence extended; the hub asks once a day and goes on by itself. If every other call is refused as well, the key is wrong.'),
  '404': row('CONFIGURATION_INVALID', 'operator', 'There is no such method at this address.', 'Check the setting baseUrl.'),
  '404 at an audience': row('RECORD_GONE', 'operator', 'There is no audience with this id.', 'Check the id; make the audience with `audience.create`.'),
  '404 at an assumed path': row('PLATFORM_REFUSED', 'developer', 'Spotler names the operation in its help centre but not its path, and the hub\'s guess is wrong.', 'Do it in Mail+ by hand, and report the answer: the path is in the documentation inside the account.'),
  '413 at an audience': row('PLATFORM_REFUSED', 'developer', 'More than 2,500 contacts in one call.', 'Send at most 2,500 at once.'),
  '417 at an audience': row('PLATFORM_REFUSED', 'Mail+', 'Its name or id is empty, longer than 255 characters or taken, there are too many audiences, or it is in use.', 'Correct name and id, or free or remove an audience in Mail+.'),
  '417 at an automation': row('PLATFORM_REFUSED', 'Mail+', 'Nothing was started.', 'Look at the automation in Mail+: whether it is active, and how often a contact may take part.'),
  '429': row('PLATFORM_RATE_LIMITED', 'nobody', 'Mail+ asks to slow down.', 'Nothing to do: the hub waits as long as Mail+ asks.'),
  '5xx': row('PLATFORM_ERROR', 'nobody', 'An internal error of Mail+, or of what stands before it, also with a page or a text in place of JSON.', 'Nothing to do: it is tried again. A call that must not be made twice is not: look in Mail+ whether it was carried out.'),
} as const satisfies Record<string, RefusalRow>;

/** A row of `situations`. */
export type SituationName = keyof typeof situations;
