import type { MailplusCredential, ResolvedOptions } from '../options.ts';
import { Activities } from './activity-log.ts';
import { Audiences } from './audiences.ts';
import { Automations } from './automations.ts';
import { Campaigns } from './campaigns.ts';
import { PropertyCatalogue } from './catalogue.ts';
import type { Contact, InactiveReason } from './contact.ts';
import { ContactStore } from './contact-store.ts';
import { emptyTotals } from './effect-totals.ts';
import { Forms } from './forms.ts';
import { Mailings } from './mailings.ts';
import { Orders } from './orders.ts';
import { Products } from './products.ts';
import { Recipients } from './recipients.ts';
import { Refusals } from './refusals.ts';
import { StartLog } from './started.ts';
import { TemporaryLists } from './temporary-lists.ts';
import { TrendReports } from './trend-reports.ts';

const softBouncesUntilInactive = 4;

/** Everything that one Mail+ account knows. */
export class Account {
  readonly options: ResolvedOptions;
  readonly catalogue: PropertyCatalogue;
  readonly contacts: ContactStore;
  readonly lists = new TemporaryLists();
  readonly audiences = new Audiences();
  readonly mailings = new Mailings();
  readonly recipients: Recipients;
  readonly trendReports = new TrendReports();
  readonly campaigns = new Campaigns();
  /** What participants of campaigns did with their messages. */
  readonly campaignActivities = new Activities();
  readonly automations = new Automations();
  readonly forms = new Forms();
  readonly refusals = new Refusals();
  readonly products: Products;
  readonly orders = new Orders();
  /** What the API set off, for counting what happened twice. */
  readonly starts = new StartLog();
  /** Whether the licence has audiences. */
  hasAudiences: boolean;
  /** Whether the licence has Spotler eCommerce. */
  hasShop: boolean;
  readonly blacklist = new Set<string>();
  readonly credentials: Map<string, MailplusCredential>;
  readonly totals = emptyTotals();
  readonly #nowMs: () => number;

  constructor(options: ResolvedOptions, nowMs: () => number) {
    this.options = options;
    this.catalogue = new PropertyCatalogue(options.properties);
    this.products = new Products(options.productProperties);
    this.hasAudiences = options.audiencesLicensed;
    this.hasShop = options.shopLicensed;
    this.contacts = new ContactStore(this.catalogue);
    this.recipients = new Recipients(this.contacts, options.credentials[0]?.externalIdField ?? 'externalId');
    this.credentials = new Map(options.credentials.map((credential) => [credential.key, credential]));
    this.#nowMs = nowMs;
  }

  /** The account's clock. */
  nowMs(): number {
    return this.#nowMs();
  }

  isBlacklisted(properties: Contact['properties']): boolean {
    const email = this.catalogue.emailOf(properties);
    return email !== undefined && this.blacklist.has(email);
  }

  /** Whether the contact may have the address of these properties: nobody else has it, or addresses need not be unique. */
  canTakeAddress(contact: Contact, properties: Contact['properties']): boolean {
    const email = this.catalogue.emailOf(properties);
    if (email === undefined || !this.options.mergeRules.includes('email')) return true;
    return this.contacts.byEmail(email).every((holder) => holder === contact);
  }

  /** Whether writes to this contact are answered with `CONTACT_OPTOUT`. */
  refusesWrites(contact: Contact): boolean {
    const bounced = contact.inactive === 'hardBounce' || contact.inactive === 'softBounces';
    return contact.inactive !== undefined && (!bounced || this.options.bouncedContactsRefuseWrites);
  }

  /** The contact can no longer be mailed. Unless bounces are the reason its address goes on the blacklist. */
  inactivate(contact: Contact, reason: InactiveReason, atMs: number): boolean {
    const email = this.catalogue.emailOf(contact.properties);
    const bounced = reason === 'hardBounce' || reason === 'softBounces';
    if (email !== undefined && !bounced) this.blacklist.add(email);
    if (contact.inactive !== undefined) return false;
    contact.inactive = reason;
    this.contacts.touch(contact, atMs);
    return true;
  }

  /** Undoes {@link inactivate}, as a user of the account can. */
  activate(contact: Contact, atMs: number): void {
    this.blacklist.delete(this.catalogue.emailOf(contact.properties) ?? '');
    contact.inactive = undefined;
    contact.softBouncesInARow = 0;
    this.contacts.touch(contact, atMs);
  }

  anonymise(contact: Contact): void {
    this.contacts.anonymise(contact);
    this.lists.forget(contact);
    this.audiences.forget(contact);
    this.forms.forget(contact);
  }

  /**
   * What a bounce does to its contact (contract 4.7): a hard one ends it, and so does the fourth soft one in a row.
   * Returns whether it was that fourth one.
   */
  applyBounce(contact: Contact, type: 'HARDBOUNCE' | 'SOFTBOUNCE', atMs: number): boolean {
    if (type === 'HARDBOUNCE') {
      this.inactivate(contact, 'hardBounce', atMs);
      return false;
    }
    contact.softBouncesInARow += 1;
    if (contact.softBouncesInARow < softBouncesUntilInactive) return false;
    return this.inactivate(contact, 'softBounces', atMs);
  }
}
