import { FaultBook } from './faults/fault-book.ts';
import type { ApiContext } from './http/api-server.ts';
import { Router } from './http/router.ts';
import { Journal } from './journal/journal.ts';
import { OauthVerifier } from './oauth/verify.ts';
import type { ResolvedOptions } from './options.ts';
import { operations } from './resources/operations.ts';
import { Account } from './state/account.ts';

/** One running sandbox: the account, what disturbs its API, and what was seen of the calls. */
export class Sandbox implements ApiContext {
  readonly options: ResolvedOptions;
  readonly router = new Router(operations);
  readonly faults = new FaultBook();
  readonly journal: Journal;
  readonly verifier: OauthVerifier;
  account: Account;
  latencyMs: number;
  clockOffsetMs: number;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.journal = new Journal(options.journalMaxCalls, options.journalMaxContacts);
    this.verifier = new OauthVerifier(options, Date.now);
    this.latencyMs = options.latencyMs;
    this.clockOffsetMs = options.clockOffsetMs;
    this.account = this.#emptyAccount();
  }

  /** Back to how it was at the start: an empty account, no faults, no journal. */
  reset(): void {
    this.faults.clear();
    this.journal.clear();
    this.latencyMs = this.options.latencyMs;
    this.clockOffsetMs = this.options.clockOffsetMs;
    this.account = this.#emptyAccount();
  }

  #emptyAccount(): Account {
    return new Account(this.options, () => Date.now() + this.clockOffsetMs);
  }
}
