import { ActivityFailure, CancellationScope, CancelledFailure, condition, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import { endWaitSignal } from './messages.ts';
import { refusalOf, type Refusal } from './refusal.ts';

/** After so many messages, or events, a workflow continues as new at the next quiet moment. */
const messagesPerRun = 1_000;
const eventsPerRun = 3_000;
/** After so many it does so at once, even from within a wait on the ladder: the server takes 10,000 signals a run and 51,200 events. */
const messagesAtMost = 5_000;

/** What a workflow does around its attempts. */
export interface PerseveranceOptions {
  /** An operator is needed; `undefined` when it goes on. */
  readonly onBlocked: (refusal: Refusal | undefined) => void;
  /** Continues as new. */
  readonly renew: () => Promise<never>;
}

/**
 * Carries out work that may have to wait: an attempt on the retry ladder is waited for, a refusal is waited out until an operator says
 * so. The signal `endWait` ends either wait, and the work begins anew from PostgreSQL.
 */
export class Perseverance {
  readonly #options: PerseveranceOptions;
  #messages = 0;
  #releases = 0;
  #scope: CancellationScope | undefined;

  constructor(options: PerseveranceOptions) {
    this.#options = options;
    setHandler(endWaitSignal, () => {
      this.#releases += 1;
      this.#scope?.cancel();
      this.noteMessage();
    });
  }

  /** To be called for each message that the workflow gets. */
  noteMessage(): void {
    this.#messages += 1;
    if (this.#messages >= messagesAtMost) this.#scope?.cancel();
  }

  /** Whether to continue as new at the next quiet moment. */
  get isWorn(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return this.#messages >= messagesPerRun || historyLength >= eventsPerRun || continueAsNewSuggested;
  }

  /**
   * Runs `work` until it succeeds. Throws what is no refusal: the workflow's own cancellation, and mistakes of ours. An attempt whose wait
   * was ended begins anew however it ended: one whose worker is killed before it heard of that ends by a missed heartbeat.
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const releases = this.#releases;
      const scope = new CancellationScope();
      try {
        return await this.#attempt(scope, work);
      } catch (error) {
        if (CancellationScope.current().consideredCancelled) throw isCancellation(error) ? error : new CancelledFailure('cancelled while its worker was gone');
        const refusal = refusalOf(error);
        const wasEnded = isCancellation(error) || (scope.consideredCancelled && error instanceof ActivityFailure);
        if (!wasEnded && refusal === undefined) throw error;
        if (refusal !== undefined) await this.#waitForOperator(refusal, releases);
      }
      if (this.#messages >= messagesAtMost) await this.#options.renew();
    }
  }

  /** Waits for the signal `endWait`, or for the time to continue as new. */
  async untilReleased(): Promise<void> {
    const releases = this.#releases;
    await condition(() => this.#releases > releases || this.isWorn);
    if (this.#releases === releases) await this.#options.renew();
  }

  async #attempt<Result>(scope: CancellationScope, work: () => Promise<Result>): Promise<Result> {
    this.#scope = scope;
    try {
      return await scope.run(work);
    } finally {
      this.#scope = undefined;
    }
  }

  async #waitForOperator(refusal: Refusal, releases: number): Promise<void> {
    this.#options.onBlocked(refusal);
    await condition(() => this.#releases > releases || this.isWorn);
    if (this.#releases === releases) await this.#options.renew();
    this.#options.onBlocked(undefined);
  }
}
