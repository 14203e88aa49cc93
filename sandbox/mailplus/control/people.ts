import type { Account } from '../state/account.ts';
import { bounceDetail } from '../state/activity-log.ts';
import { applyPatches, permissionsProperty } from '../state/apply-patches.ts';
import { parseProperties } from '../state/property-values.ts';
import { ControlError } from './control-error.ts';
import { bounceSchema, contactOnlySchema, editSchema, inactivateSchema, permissionSchema } from './schemas.ts';
import type { BounceReport, ContactEdit, Inactivation, PermissionSwitch, SingleContact } from './schemas.ts';
import { selectContact } from './selector.ts';

/** A profile page or a user of the account changes properties. Returns whether anything became different. */
export function editContact(account: Account, edit: ContactEdit): boolean {
  const { contact: selector, properties, at } = editSchema.parse(edit);
  const contact = selectContact(account, selector);
  const patches = parseProperties(account.catalogue, properties);
  if ('problem' in patches) throw new ControlError(400, patches.problem);
  const after = applyPatches(account.catalogue, contact.properties, patches, false);
  if (after === contact.properties) return false;
  if (!account.canTakeAddress(contact, after)) throw new ControlError(400, 'The e-mail address is in use');
  account.contacts.commit(contact, { properties: after }, at ?? account.nowMs());
  return true;
}

/** The contact switches one permission on or off. Returns whether it was different. */
export function switchPermission(account: Account, permission: PermissionSwitch, enabled: boolean): boolean {
  const { contact, bit, at, encryptedMailingId } = permissionSchema.parse(permission);
  const mailing = encryptedMailingId === undefined ? undefined : account.mailings.find(encryptedMailingId);
  if (encryptedMailingId !== undefined && mailing === undefined) throw new ControlError(404, 'No such mailing');
  const changed = editContact(account, {
    contact, properties: { [permissionsProperty]: [{ bit, enabled }] }, ...(at !== undefined && { at }),
  });
  if (changed && !enabled && mailing !== undefined) mailing.unsubscribeCount += 1;
  return changed;
}

/** A message bounced: it is in the bounce list, in the feed of its mailing, and does to the contact what bounces do. */
export function bounceContact(account: Account, bounce: BounceReport): void {
  const { contact: selector, type, encryptedMailingId, at } = bounceSchema.parse(bounce);
  const contact = selectContact(account, selector);
  const mailing = encryptedMailingId === undefined ? undefined : account.mailings.find(encryptedMailingId);
  if (encryptedMailingId !== undefined && mailing === undefined) throw new ControlError(404, 'No such mailing');
  const atMs = at ?? account.nowMs();
  account.mailings.recordBounce({ contact, atMs, type, mailing });
  const isFourth = account.applyBounce(contact, type, atMs);
  if (mailing === undefined) return;
  account.mailings.record('bounced', mailing, { who: contact.id, atMs, changedMs: atMs }, bounceDetail[type === 'HARDBOUNCE' ? 'HARD' : 'SOFT']);
  if (isFourth) mailing.notRetainedCount += 1;
}

/** The contact can no longer be mailed, by its own wish or a user's. Returns whether it could before. */
export function inactivateContact(account: Account, inactivation: Inactivation): boolean {
  const { contact, reason, at } = inactivateSchema.parse(inactivation);
  return account.inactivate(selectContact(account, contact), reason, at ?? account.nowMs());
}

/** A user of the account makes a contact active again and takes its address off the blacklist. */
export function activateContact(account: Account, single: SingleContact): void {
  const { contact, at } = contactOnlySchema.parse(single);
  account.activate(selectContact(account, contact), at ?? account.nowMs());
}

/** A user of the account anonymises a contact. */
export function anonymiseContact(account: Account, single: SingleContact): void {
  account.anonymise(selectContact(account, contactOnlySchema.parse(single).contact));
}
