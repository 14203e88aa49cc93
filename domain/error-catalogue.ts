/**
 * What to do next when an error happens (design §8):
 * `retry` later on the ladder; `rateLimited` later, at the time that the platform names; `rejected`: this record only;
 * `configuration` and `authorisation`: an operator at once; `unknownOutcome`: read back before anything is sent;
 * `refused`: the caller's request is wrong and nothing was changed; `conflict`: another one has it; `bug`: tell the developers.
 */
export type Recovery =
  | 'retry' | 'rateLimited' | 'rejected' | 'configuration' | 'authorisation' | 'unknownOutcome' | 'refused' | 'conflict' | 'bug';

/** One row of the catalogue. */
export interface CatalogueEntry {
  readonly recovery: Recovery;
  /** HTTP status when the hub itself answers with this code. */
  readonly httpStatus: number;
  readonly cause: string;
  readonly fix: string;
}

const entry = (recovery: Recovery, httpStatus: number, cause: string, fix: string): CatalogueEntry => ({ recovery, httpStatus, cause, fix });

/** Every error code of the hub with its cause and fix. `docs/errors.md` is made from it. */
export const catalogue = {
  PLATFORM_UNREACHABLE: entry('retry', 502, 'The platform could not be reached or closed the connection before the request was sent.', 'Nothing to do: it is tried again. If it lasts, check its address in the settings and the network.'),
  PLATFORM_TIMEOUT: entry('unknownOutcome', 504, 'The platform did not answer in time; whether it stored the call is not known.', 'Nothing to do: the hub compares before it sends again.'),
  PLATFORM_ERROR: entry('retry', 502, 'The platform answered with an internal error (5xx).', 'Nothing to do: it is tried again. If it lasts, ask the platform\'s support.'),
  PLATFORM_RATE_LIMITED: entry('rateLimited', 429, 'The platform asks to slow down (429).', 'Nothing to do: the hub waits as long as the platform asks.'),
  PLATFORM_RESET: entry('unknownOutcome', 502, 'The connection broke after the request was sent; whether it was stored is not known.', 'Nothing to do: the hub compares before it sends again.'),
  PLATFORM_OUTCOME_UNKNOWN: entry('unknownOutcome', 502, 'A call that must not be made twice broke off or ended in an error of the platform; whether it was carried out is not known.', 'Look at the platform whether it was carried out; only if not, send it again.'),
  PLATFORM_ANSWER_INVALID: entry('retry', 502, 'The platform answered something that its contract does not allow.', 'It is tried again. If it lasts, the contract has changed: report it with the failed call.'),
  PLATFORM_LOGIN_REFUSED: entry('authorisation', 502, 'The platform refused the credentials (401 or 403).', 'Check key and secret at the platform, set them with `hub connector set`, then `hub failed retry`.'),
  PLATFORM_REFUSED: entry('configuration', 422, 'The platform refuses the call as it is made, and would refuse it again.', 'Correct what the platform names, then `hub failed retry`.'),
  PLATFORM_NOT_LICENSED: entry('configuration', 502, 'The platform account\'s licence does not include this.', 'Ask the platform to add it, or switch the feature off for this connector.'),
  PLATFORM_LIMIT_REACHED: entry('configuration', 409, 'A limit of the platform is reached, for example 30 static lists.', 'Remove one at the platform, or let the hub remove the oldest of its own with the setting `removeOldestList`.'),
  RECORD_REFUSED: entry('rejected', 422, 'The platform refused this record.', 'Correct the named field at the source; the next change is sent by itself, or use `hub failed retry`.'),
  RECORD_OPTED_OUT: entry('rejected', 422, 'The contact is on the platform\'s blacklist or inactive there.', 'Nothing, unless the person asks for it: then activate the contact at the platform; the next change goes there, or all at once with `hub failed retry --code RECORD_OPTED_OUT`.'),
  RECORD_GONE: entry('rejected', 404, 'The thing no longer exists at the platform.', 'If it should exist, create it at the platform again.'),
  CONTACT_SWITCHED: entry('rejected', 409, 'An id that the hub gave to one contact belongs to another contact at the platform, with another e-mail address: somebody moved it.', 'Look at both contacts there. Give the id back, and all goes on by itself; or `hub failed retry <id>`: our contact gets another id; or `hub failed skip <id>`. See that no other system writes the field of our ids.'),
  RECORD_ERASED: entry('refused', 409, 'The contact was erased; nothing but its number is left, and nothing can be done with it.', 'See its receipt: `hub records receipt`.'),
  ERASURE_UNCONFIRMED: entry('refused', 409, 'Erasing a contact can not be undone, and it was not said that it is meant.', 'Look at the contact, then send `confirm: true`, or answer with yes.'),
  RECORD_INVALID: entry('rejected', 422, 'The record does not have the shape that is needed.', 'Correct the named field at the source and send the record again.'),
  NO_MATCH_KEY: entry('rejected', 422, 'The record has neither a usable e-mail address nor a phone number.', 'Add one at the source and send the record again.'),
  PAGING_LOOP: entry('configuration', 502, 'The platform gave the same page token twice.', 'Report it with the failed call: reading stopped so that no record is skipped silently.'),
  FIELD_WITHHELD: entry('rejected', 422, 'The destination does not take this value; only the field is held back.', 'Correct the value at the source, or map it to another field.'),
  CONFIGURATION_INVALID: entry('configuration', 400, 'A setting is missing or wrong.', 'Correct the named setting.'),
  PERMISSION_UNLINKED: entry('configuration', 409, 'No permission of the destination has the name of the hub\'s permission.', 'Make one with this name at the destination, or link it with `--set permissionKey=…`.'),
  ONBOARDING_ORDER: entry('refused', 409, 'Connectors are added in another order than the onboarding page asks for.', 'Add them in the order shown, or repeat with `--override`.'),
  PRESET_REFUSED: entry('refused', 409, 'The preset does not fit this platform or set-up.', 'Choose one of the presets that the message offers.'),
  NOT_IMPORTED: entry('refused', 409, 'The preset of this connector does not import this data type.', 'Choose another data type, or another preset for the connector.'),
  MAPPING_INVALID: entry('refused', 400, 'A field can not be mapped as it was asked for.', 'Correct the mapping of the named field; `hub connector fields` shows what the account has.'),
  REMAP_RUNNING: entry('conflict', 409, 'The stored records of the connector are being brought in line with a changed mapping.', 'Wait until it is done; `hub status` shows how far it is.'),
  MAPPING_CHANGED: entry('retry', 503, 'The mapping of the connector was changed while a page was read.', 'Nothing to do: the page is read again.'),
  BACKFILL_RUNNING: entry('conflict', 409, 'A backfill of this data type is already running.', 'Wait for it, or cancel the workflow that the message names.'),
  REMATCH_RUNNING: entry('conflict', 409, 'The contacts of the account are being matched anew.', 'Wait until it is done: `hub account show` tells; it takes some minutes.'),
  CONNECTOR_UNKNOWN: entry('refused', 404, 'There is no connector with this id.', '`hub connector list` shows the connectors.'),
  CONNECTOR_EXISTS: entry('conflict', 409, 'There is already a connector with this id.', 'Choose another id with `--id`.'),
  EXTERNAL_ID_SHARED: entry('conflict', 409, 'Another connector of this hub keeps its ids in the same field of the same account.', 'Make a new authentication at the platform, choose for it a field of external ids that no other system writes, and give its credentials.'),
  CONNECTOR_STATE: entry('refused', 409, 'The connector is not in a state that allows this.', '`hub connector show` tells its state.'),
  NOT_FOUND: entry('refused', 404, 'There is nothing with this id or at this address.', 'Check the id or the address.'),
  CHANGES_EXPIRED: entry('refused', 410, 'The cursor stands before the oldest change that is kept, or belongs to a database that was restored from a backup: what came since is not known to be whole.', 'Read again from the beginning, without `after`; compare what your system has, and send what it says to the hub again. Read more often, or raise the setting `changeFeedDays`.'),
  TOKEN_INVALID: entry('refused', 401, 'The token is missing, wrong or revoked.', 'Send `Authorization: Bearer <token>`; make a new one with `hub token create`.'),
  TOKEN_NOT_ALLOWED: entry('refused', 403, 'The token is valid, but is not for this: its role is too low, or it belongs to another connector.', 'Use the token that the message names; an admin makes one with `hub token create`.'),
  FILE_INVALID: entry('refused', 400, 'The file can not be read as the table that it is said to be.', 'Correct what the message names in the file, or say how the file is written; `hub import --help` shows how.'),
  REQUEST_INVALID: entry('refused', 400, 'The request does not have the shape that is needed.', 'Correct the named field; `/docs` shows the shapes.'),
  REQUEST_TOO_LARGE: entry('refused', 413, 'The request is larger than the limit.', 'Send smaller pages.'),
  REQUEST_RATE_LIMITED: entry('refused', 429, 'Too many requests from this caller.', 'Wait as long as `Retry-After` says.'),
  ORIGIN_NOT_ALLOWED: entry('refused', 403, 'The web page is none of those that this form is for.', 'Add the origin of the page to `origins` of this form, in the setting `forms` of the connector.'),
  FORM_UNAVAILABLE: entry('retry', 503, 'What stands behind the form does not answer at the moment.', 'Try again in a few minutes. The reason is in the log of the hub.'),
  IDEMPOTENCY_CONFLICT: entry('conflict', 409, 'The same key came before with another body.', 'Use a new key for new content.'),
  LIST_PAGES_MISSING: entry('refused', 409, 'A list sync did not send all of its pages in time.', 'Send the missing pages, or start a new list sync.'),
  IDS_LOOK_PERSONAL: entry('refused', 400, 'An id looks like an e-mail address or phone number.', 'Send the source system\'s own ids.'),
  SECRET_UNREADABLE: entry('configuration', 500, 'A stored secret cannot be decrypted with the keys given.', 'Give the key with the named id in `HUB_SECRET_KEYS`.'),
  DATABASE_UNAVAILABLE: entry('retry', 503, 'The hub\'s own database does not answer.', 'Check PostgreSQL; the hub goes on by itself.'),
  TEMPORAL_UNAVAILABLE: entry('retry', 503, 'The Temporal server does not answer.', 'Check the Temporal server; the hub goes on by itself.'),
  SENDER_BUSY: entry('retry', 503, 'Another process is delivering for this connector.', 'Nothing to do: only one sends at a time.'),
  INTERNAL: entry('bug', 500, 'The hub made a mistake.', 'Report it with the log lines of the same time.'),
} as const satisfies Record<string, CatalogueEntry>;

/** A stable error code. */
export type ErrorCode = keyof typeof catalogue;
