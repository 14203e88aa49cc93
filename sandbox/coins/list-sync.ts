import { isFields } from './checks.ts';
import { callPatiently, DEFAULT_PATIENCE } from './hub-call.ts';
import type { HubAnswer, HubCall, HubConnections } from './hub-call.ts';
import type { ListSyncInput } from './list-sync-input.ts';
import type { MemberPages } from './list-sync-pages.ts';
import type { ListSyncAnswer, ListSyncPage, Rejection } from './wire.ts';

/** One answer of the hub to one page. `status` 0: none came, `error` says why. */
export type PageAnswer = { page: number; attempt: number; status: number; accepted: number; rejected: number; tookMs: number; error?: string };

/** How a list sync went. Accepted and rejected prospects are counted once per page. */
export type ListSyncReport = {
  syncId: string;
  /** `failed` when a page was refused for good or patience ended; `stopped` when the sandbox was closed meanwhile. */
  state: 'running' | 'done' | 'failed' | 'stopped';
  pageCount: number;
  pagesAccepted: number;
  accepted: number;
  rejected: Rejection[];
  calls: number;
  /** Calls that were made again because the one before got no answer, 429 or 5xx. */
  retries: number;
  /** Pages that were accepted twice with different answers. */
  differingAnswers: number[];
  /** Pages that were refused for good: the last answer. */
  failures: { page: number; status: number; text: string }[];
  /** The last 1,000 answers. */
  answers: PageAnswer[];
};

const KEPT_ANSWERS = 1_000;

function isAnswer(value: unknown): value is ListSyncAnswer {
  if (!isFields(value) || typeof value['accepted'] !== 'number' || !Array.isArray(value['rejected'])) return false;
  return value['rejected'].every((item) => isFields(item) && typeof item['prospectId'] === 'string' && typeof item['reason'] === 'string');
}

function readAnswer(text: string): ListSyncAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return isAnswer(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** A list sync that is on its way: keeps its pages, sends them as often as told, and keeps the answers. */
export class ListSync {
  readonly syncId: string;
  readonly #input: ListSyncInput;
  readonly #pages: MemberPages;
  readonly #connections: HubConnections;
  readonly #abort = new AbortController();
  readonly #accepted = new Map<number, string>();
  readonly #report: ListSyncReport;
  #running: Promise<ListSyncReport>;

  constructor(syncId: string, input: ListSyncInput, pages: MemberPages, connections: HubConnections) {
    this.syncId = syncId;
    this.#input = input;
    this.#pages = pages;
    this.#connections = connections;
    this.#report = {
      syncId, state: 'running', pageCount: pages.pageCount, pagesAccepted: 0, accepted: 0, rejected: [], calls: 0, retries: 0,
      differingAnswers: [], failures: [], answers: [],
    };
    this.#running = Promise.resolve(this.#report);
  }

  /** How it stands. */
  get report(): ListSyncReport {
    return this.#report;
  }

  /** Resolves when all that was to be sent is answered for good. Never rejects. */
  get done(): Promise<ListSyncReport> {
    return this.#running;
  }

  /** Sends these pages, in this order, after what is on its way. A page that was sent before goes out as it was. */
  send(order: readonly number[]): Promise<ListSyncReport> {
    const previous = this.#running;
    this.#report.state = 'running';
    this.#running = previous.then(() => this.#sendAll([...order]));
    return this.#running;
  }

  /** Stops sending; pages on their way are cut off. */
  stop(): void {
    this.#abort.abort();
  }

  async #sendAll(waiting: number[]): Promise<ListSyncReport> {
    const sender = async (): Promise<void> => {
      for (let page = waiting.shift(); page !== undefined && !this.#abort.signal.aborted; page = waiting.shift()) await this.#sendPage(page);
    };
    await Promise.all(Array.from({ length: this.#input.parallel ?? 1 }, sender));
    const settled = this.#report.failures.length > 0 ? 'failed' : 'done';
    this.#report.state = this.#abort.signal.aborted ? 'stopped' : settled;
    return this.#report;
  }

  async #sendPage(page: number): Promise<void> {
    const call = this.#call(page);
    const patience = { ...DEFAULT_PATIENCE, ...this.#input.patience };
    let startedAt = performance.now();
    const answer = await callPatiently(this.#connections, call, patience, this.#abort.signal, (reply, attempt) => {
      this.#note(page, attempt, reply, performance.now() - startedAt);
      startedAt = performance.now();
    });
    this.#settle(page, answer);
  }

  #call(page: number): HubCall {
    const { hubUrl, connectorId, token, cid, list, campaign } = this.#input;
    const { pageCount } = this.#pages;
    const body: ListSyncPage = {
      syncId: this.syncId, cid: cid ?? '210', list, ...(campaign ? { campaign } : {}), page, pageCount, prospects: this.#pages.prospects(page),
    };
    return {
      method: 'POST',
      url: `${hubUrl}/inbound/coins/${encodeURIComponent(connectorId)}/list-syncs`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': this.syncId },
      body: JSON.stringify(body),
    };
  }

  #note(page: number, attempt: number, answer: HubAnswer, tookMs: number): void {
    const read = readAnswer(answer.text);
    const { answers } = this.#report;
    this.#report.calls += 1;
    if (attempt > 1) this.#report.retries += 1;
    const counts = { accepted: read?.accepted ?? 0, rejected: read?.rejected.length ?? 0 };
    answers.push({ page, attempt, status: answer.status, ...counts, tookMs: Math.round(tookMs), ...(answer.error ? { error: answer.error } : {}) });
    if (answers.length > KEPT_ANSWERS) answers.shift();
  }

  #settle(page: number, { status, text, error }: HubAnswer): void {
    const read = status === 202 ? readAnswer(text) : undefined;
    if (read === undefined) {
      if (!this.#abort.signal.aborted) this.#report.failures.push({ page, status, text: error ?? text });
      return;
    }
    const before = this.#accepted.get(page);
    if (before !== undefined) {
      if (before !== text) this.#report.differingAnswers.push(page);
      return;
    }
    this.#accepted.set(page, text);
    this.#report.failures = this.#report.failures.filter((failure) => failure.page !== page);
    this.#report.pagesAccepted += 1;
    this.#report.accepted += read.accepted;
    this.#report.rejected.push(...read.rejected);
  }
}
