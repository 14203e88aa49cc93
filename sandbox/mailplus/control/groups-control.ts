import type { Sandbox } from '../sandbox.ts';
import { ControlError } from './control-error.ts';
import { dumpAudience, dumpList } from './dump-groups.ts';
import type { AudienceDump, ListDump } from './dump-groups.ts';
import { accountListSchema } from './schemas.ts';
import type { AccountList } from './schemas.ts';

/** Temporary lists and audiences, as a user of the account sees them. */
export class GroupsControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Puts a list into the account that no key made. */
  addList(list: AccountList): void {
    const { account } = this.#sandbox;
    const { name, type, inUse } = accountListSchema.parse(list);
    if (account.lists.hasName(name)) throw new ControlError(400, 'The name is in use');
    account.lists.add({ externalId: undefined, owner: undefined, name, type, inUse, createdMs: account.nowMs(), members: new Set() });
  }

  setListInUse(name: string, inUse: boolean): void {
    const list = this.#sandbox.account.lists.all().find((candidate) => candidate.name === name);
    if (list === undefined) throw new ControlError(404, 'No such list');
    list.inUse = inUse;
  }

  lists(): ListDump[] {
    return this.#sandbox.account.lists.all().map((list) => dumpList(this.#sandbox.account, list));
  }

  /** Whether the licence has audiences; without it all their operations are 403. */
  setAudiencesLicensed(licensed: boolean): void {
    this.#sandbox.account.hasAudiences = licensed;
  }

  /** An audience in use cannot be deleted through the API. */
  setAudienceInUse(externalId: string, inUse: boolean): void {
    const audience = this.#sandbox.account.audiences.find(externalId);
    if (audience === undefined) throw new ControlError(404, 'No such audience');
    audience.inUse = inUse;
  }

  audiences(): AudienceDump[] {
    return this.#sandbox.account.audiences.all().map((audience) => dumpAudience(this.#sandbox.account, audience));
  }
}
