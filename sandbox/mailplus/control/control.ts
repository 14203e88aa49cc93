import type { Fault, FaultSpec } from '../faults/fault-book.ts';
import type { JournalEntry, OperationCounter } from '../journal/journal.ts';
import type { MailplusCredential } from '../options.ts';
import type { Sandbox } from '../sandbox.ts';
import { ControlError } from './control-error.ts';
import { dumpContact, effectsOf, summarise } from './dump.ts';
import type { ContactDump, Effects, StateSummary } from './dump.ts';
import type { ListDump } from './dump-groups.ts';
import { FormsControl } from './forms-control.ts';
import { GroupsControl } from './groups-control.ts';
import type { MailingInteractionSpec, MailingSpec } from './mailing-schemas.ts';
import { activateContact, anonymiseContact, bounceContact, editContact, inactivateContact, switchPermission } from './people.ts';
import type {
  AccountList, BounceReport, ContactEdit, ContactSelector, Inactivation, PermissionSwitch, RefusalSpec,
  SeedContact, SingleContact,
} from './schemas.ts';
import { ReportsControl } from './reports-control.ts';
import { refusalSchema } from './schemas.ts';
import { seedContacts } from './seed.ts';
import { selectContact } from './selector.ts';
import { recordInteraction, sendMailing } from './send-mailing.ts';
import type { SentMailing } from './send-mailing.ts';
import { ShopControl } from './shop-control.ts';
import { StartsControl } from './starts-control.ts';

/**
 * The control side as direct calls: what its HTTP endpoints do, without HTTP. Input that does not fit its shape throws
 * a `ZodError`; what cannot be done throws a {@link ControlError}.
 */
export class MailplusControl {
  readonly forms: FormsControl;
  readonly groups: GroupsControl;
  readonly reports: ReportsControl;
  readonly shop: ShopControl;
  readonly starts: StartsControl;
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.forms = new FormsControl(sandbox);
    this.groups = new GroupsControl(sandbox);
    this.reports = new ReportsControl(sandbox);
    this.shop = new ShopControl(sandbox);
    this.starts = new StartsControl(sandbox);
  }

  /** Returns how many were created. */
  seedContacts(seeds: readonly SeedContact[]): number {
    return seedContacts(this.#sandbox.account, seeds);
  }

  /** Returns whether anything became different. */
  editContact(edit: ContactEdit): boolean {
    return editContact(this.#sandbox.account, edit);
  }

  unsubscribe(permission: PermissionSwitch): boolean {
    return switchPermission(this.#sandbox.account, permission, false);
  }

  resubscribe(permission: PermissionSwitch): boolean {
    return switchPermission(this.#sandbox.account, permission, true);
  }

  bounce(bounce: BounceReport): void {
    bounceContact(this.#sandbox.account, bounce);
  }

  inactivate(inactivation: Inactivation): boolean {
    return inactivateContact(this.#sandbox.account, inactivation);
  }

  activate(single: SingleContact): void {
    activateContact(this.#sandbox.account, single);
  }

  anonymise(single: SingleContact): void {
    anonymiseContact(this.#sandbox.account, single);
  }

  sendMailing(mailing: MailingSpec): SentMailing {
    return sendMailing(this.#sandbox.account, mailing);
  }

  recordInteraction(encryptedMailingId: string, interaction: MailingInteractionSpec): void {
    recordInteraction(this.#sandbox.account, encryptedMailingId, interaction);
  }

  /** Puts a list into the account that no key made. */
  addAccountList(list: AccountList): void {
    this.groups.addList(list);
  }

  /** A list in use cannot be deleted through the API. */
  setListInUse(name: string, inUse: boolean): void {
    this.groups.setListInUse(name, inUse);
  }

  /** A user of the account hides a contact property from the API, or shows it again. */
  setPropertyVisible(name: string, visible: boolean): void {
    if (!this.#sandbox.account.catalogue.setVisible(name, visible)) throw new ControlError(404, 'No such property');
  }

  addCredential(credential: MailplusCredential): void {
    this.#sandbox.account.credentials.set(credential.key, credential);
  }

  /** From now on calls with this key are answered 401. Returns whether there was one. */
  removeCredential(key: string): boolean {
    return this.#sandbox.account.credentials.delete(key);
  }

  /** The next writes of one contact are refused with a code of the batch insert. */
  refuseWrites(spec: RefusalSpec): void {
    const { externalId, code, count } = refusalSchema.parse(spec);
    this.#sandbox.account.refusals.add(externalId, code, count);
  }

  addFault(spec: FaultSpec): Fault {
    return this.#sandbox.faults.add(spec);
  }

  faults(): Fault[] {
    return this.#sandbox.faults.list();
  }

  removeFault(id: number): boolean {
    return this.#sandbox.faults.remove(id);
  }

  clearFaults(): void {
    this.#sandbox.faults.clear();
  }

  setLatency(latencyMs: number): void {
    this.#sandbox.latencyMs = latencyMs;
  }

  setClockOffset(clockOffsetMs: number): void {
    this.#sandbox.clockOffsetMs = clockOffsetMs;
  }

  /** Kept calls after this sequence number, oldest first. */
  journal(afterSequence = 0): JournalEntry[] {
    return this.#sandbox.journal.entries(afterSequence);
  }

  /** Per operation, exact counts. */
  counters(): Record<string, OperationCounter> {
    return this.#sandbox.journal.counters();
  }

  clearJournal(): void {
    this.#sandbox.journal.clear();
  }

  summary(): StateSummary {
    return summarise(this.#sandbox.account);
  }

  effects(): Effects {
    return effectsOf(this.#sandbox.account);
  }

  contact(selector: ContactSelector): ContactDump {
    return dumpContact(this.#sandbox.account, selectContact(this.#sandbox.account, selector));
  }

  /** All contacts, anonymised ones included, oldest first. */
  *contacts(): Generator<ContactDump> {
    for (const contact of this.#sandbox.account.contacts.all()) yield dumpContact(this.#sandbox.account, contact);
  }

  lists(): ListDump[] {
    return this.groups.lists();
  }

  reset(): void {
    this.#sandbox.reset();
  }
}
