import type { Account } from '../state/account.ts';
import type { Audience } from '../state/audiences.ts';
import type { Contact } from '../state/contact.ts';
import type { TemporaryList } from '../state/temporary-lists.ts';

/** A contact as a member of something. */
export interface MemberDump {
  readonly encryptedId: string;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly email: string | undefined;
}

/** A list with its members, each by its external ids and address. */
export interface ListDump {
  readonly externalTemporaryListId: string | undefined;
  readonly owner: string | undefined;
  readonly name: string;
  readonly type: string;
  readonly created: string;
  readonly inUse: boolean;
  readonly members: readonly MemberDump[];
}

/** An audience with its members. */
export interface AudienceDump {
  readonly externalId: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly created: string;
  readonly inUse: boolean;
  readonly members: readonly MemberDump[];
}

/** A list with its members. */
export function dumpList(account: Account, list: TemporaryList): ListDump {
  return {
    externalTemporaryListId: list.externalId, owner: list.owner, name: list.name, type: list.type, inUse: list.inUse,
    created: new Date(list.createdMs).toISOString(), members: dumpMembers(account, list.members),
  };
}

/** An audience with its members. */
export function dumpAudience(account: Account, audience: Audience): AudienceDump {
  return {
    externalId: audience.externalId, name: audience.name, description: audience.description, inUse: audience.inUse,
    created: new Date(audience.createdMs).toISOString(), members: dumpMembers(account, audience.members),
  };
}

function dumpMembers(account: Account, members: ReadonlySet<Contact>): MemberDump[] {
  return [...members].map(({ encryptedId, externalIds, properties }) => ({
    encryptedId, externalIds, email: account.catalogue.emailOf(properties),
  }));
}
