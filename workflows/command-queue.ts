import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { condition, setHandler, uuid4 } from '@temporalio/workflow';
import type { Command } from '../activities/commands.ts';
import { checkBackfillRequest, checkSelection, checkSourceChanged, isWho, type Checked } from './check-input.ts';
import type { BackfillRequest, CommandAnswer, FailedSelection, SourceChanged } from './message-types.ts';
import * as messages from './messages.ts';
import { refuse, refusalOf, type Refusal } from './refusal.ts';

/** One message that waits for its turn. */
export type Job =
  | { readonly kind: 'command'; readonly command: Command; readonly settle?: (answer: CommandAnswer | Refusal) => void }
  | { readonly kind: 'sourceChanged'; readonly change: SourceChanged; readonly key: string }
  | { readonly kind: 'refused'; readonly what: string; readonly refusal: Refusal };

const fixOfInput = 'Correct the named part and send it again.';
const signalSender = 'signal';
const updateSender = 'operator';

/**
 * The commands and signals of a connector, carried out one after the other in the order in which they came. Each command exists as an
 * update, which is answered, and as a signal of the same name, which is not: what is refused there goes to the audit.
 */
export class CommandQueue {
  readonly #jobs: Job[] = [];
  #received = 0;

  /** How many messages came. */
  get received(): number {
    return this.#received;
  }

  get isEmpty(): boolean {
    return this.#jobs.length === 0;
  }

  /** The next message. */
  take(): Job | undefined {
    return this.#jobs.shift();
  }

  /** Begins to listen; nothing is lost that came before. */
  listen(): void {
    this.#listenForPlain('pause', messages.pauseUpdate, messages.pauseSignal);
    this.#listenForPlain('resume', messages.resumeUpdate, messages.resumeSignal);
    this.#listenForPlain('remove', messages.removeUpdate, messages.removeSignal);
    this.#listenForBackfill();
    this.#listenForSelection('retryFailed', messages.retryFailedUpdate, messages.retryFailedSignal);
    this.#listenForSelection('skipFailed', messages.skipFailedUpdate, messages.skipFailedSignal);
    setHandler(messages.sourceChangedSignal, (change: unknown) => {
      const checked = checkSourceChanged(change);
      this.#push(checked.ok ? { kind: 'sourceChanged', change: checked.value, key: `signal/${uuid4()}` } : refused('sourceChanged', checked));
    }, { description: 'A source system says that things changed: {"dataType":"contacts","ids":["P1"]}.' });
  }

  #listenForPlain(kind: 'pause' | 'resume' | 'remove', update: UpdateDefinition<CommandAnswer, [who?: string]>, signal: SignalDefinition<[]>): void {
    setHandler(update, (who?: string) => this.#answer({ kind, who: who ?? updateSender }), { validator: (who?: unknown) => checkWho(who), description: descriptions[kind] });
    setHandler(signal, () => this.#push({ kind: 'command', command: { kind, who: signalSender } }), { description: descriptions[kind] });
  }

  #listenForBackfill(): void {
    const command = (request: BackfillRequest, who: string): Command => ({ kind: 'startBackfill', request, who: request.who ?? who });
    setHandler(messages.startBackfillUpdate, (request: BackfillRequest) => this.#answer(command(valueOf(checkBackfillRequest(request)), updateSender)), {
      validator: (request: unknown) => void valueOf(checkBackfillRequest(request)), description: descriptions.startBackfill,
    });
    setHandler(messages.startBackfillSignal, (request: unknown) => this.#pushChecked('startBackfill', checkBackfillRequest(request), (value) => command(value, signalSender)), { description: descriptions.startBackfill });
  }

  #listenForSelection(kind: 'retryFailed' | 'skipFailed', update: UpdateDefinition<CommandAnswer, [FailedSelection]>, signal: SignalDefinition<[FailedSelection]>): void {
    const command = (selection: FailedSelection, who: string): Command => ({ kind, selection, who: selection.who ?? who });
    setHandler(update, (selection: FailedSelection) => this.#answer(command(valueOf(checkSelection(selection)), updateSender)), {
      validator: (selection: unknown) => void valueOf(checkSelection(selection)), description: descriptions[kind],
    });
    setHandler(signal, (selection: unknown) => this.#pushChecked(kind, checkSelection(selection), (value) => command(value, signalSender)), { description: descriptions[kind] });
  }

  #pushChecked<Value>(what: string, checked: Checked<Value>, command: (value: Value) => Command): void {
    this.#push(checked.ok ? { kind: 'command', command: command(checked.value) } : refused(what, checked));
  }

  async #answer(command: Command): Promise<CommandAnswer> {
    let settled: CommandAnswer | Refusal | undefined;
    this.#push({ kind: 'command', command, settle: (answer) => (settled = answer) });
    await condition(() => settled !== undefined);
    if (settled === undefined || 'code' in settled) throw refuse(settled ?? { code: 'INTERNAL', message: 'There was no answer.', fix: '' });
    return settled;
  }

  #push(job: Job): void {
    this.#received += 1;
    this.#jobs.push(job);
  }
}

const descriptions = {
  pause: 'Stops reading and sending until it is resumed.',
  resume: 'Ends a pause.',
  remove: 'Removes the connector; what it brought in stays.',
  startBackfill: 'Reads the past: {"dataType":"contacts","from":"2020-01-01"}, both may be left out.',
  retryFailed: 'Tries failed things again at once and ends a wait in progress: {"code":"…"} or {"ids":["…"]} or nothing for all.',
  skipFailed: 'Sets failed things aside: {"code":"…"} or {"ids":["…"]} or nothing for all.',
} as const;

function checkWho(who: unknown): void {
  if (!isWho(who)) throw refuse({ code: 'REQUEST_INVALID', message: '«who» has to be a short text.', fix: fixOfInput });
}

function valueOf<Value>(checked: Checked<Value>): Value {
  if (checked.ok) return checked.value;
  throw refuse({ code: checked.code, message: checked.message, fix: fixOfInput });
}

function refused(what: string, { code, message }: { readonly code: string; readonly message: string }): Job {
  return { kind: 'refused', what, refusal: { code, message, fix: fixOfInput } };
}

/** A failure as a refusal; a mistake of ours is thrown on. */
export function asRefusal(error: unknown): Refusal {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  return refusal;
}
