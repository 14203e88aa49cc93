import type { z } from 'zod';
import type { SituationName } from '../refusal-catalogue.ts';
import type { Wire } from './wire.ts';

/** How an operation gives more than one row. `array`: all at once. `fixed`: pages whose size Mail+ sets (contract §1.4). */
export type Paging =
  | { readonly kind: 'none' | 'array' }
  | { readonly kind: 'offset'; readonly rows: string }
  | { readonly kind: 'fixed'; readonly rows: string; readonly pageSize: number };

/** What is known of an operation before it is called, as data. */
export interface OperationFacts {
  /** Stable; what a person types, as `contact.get`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the base, its variable parts as `{name}`. */
  readonly path: string;
  /** What it is for, in one line. */
  readonly about: string;
  /** Whether it changes Mail+ or what people receive. */
  readonly changes: boolean;
  /** Whether a repeat of the same call leaves Mail+, and what people receive, as one call does. */
  readonly idempotent: boolean;
  /** Who says that it exists: the vendor's Swagger, clients in use and the help centre, or nobody (the path is a guess by analogy). */
  readonly evidence: 'swagger' | 'clients' | 'assumed';
  readonly paging: Paging;
  /** What a status means here when the answer carries no error type that says it. */
  readonly situations: Readonly<Partial<Record<number, SituationName>>>;
  /** Statuses besides 2xx that carry the answer. */
  readonly alsoAnswers: readonly number[];
}

/** An operation with one answer. */
export interface SingleOperation<Input extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> extends OperationFacts {
  /** Variable parts of the path and query parameters by name, and the body as `body`. */
  readonly input: (wire: Wire) => Input;
  readonly answer: (wire: Wire) => Answer;
}

/** An operation that gives rows page by page. */
export interface PagedOperation<Input extends z.ZodType = z.ZodType, Row extends z.ZodType = z.ZodType> extends OperationFacts {
  readonly paging: Exclude<Paging, { readonly kind: 'none' | 'array' }>;
  readonly input: (wire: Wire) => Input;
  readonly row: (wire: Wire) => Row;
}

/** Any operation. */
export type Operation = SingleOperation | PagedOperation;

/** What is given to an operation. */
export type InputOf<Of extends Operation> = z.input<ReturnType<Of['input']>>;
/** What an operation with one answer gives. */
export type AnswerOf<Of extends SingleOperation> = z.output<ReturnType<Of['answer']>>;
/** One row of a paged operation. */
export type RowOf<Of extends PagedOperation> = z.output<ReturnType<Of['row']>>;

type Given = Pick<OperationFacts, 'name' | 'method' | 'path' | 'about'> & Partial<Pick<OperationFacts, 'evidence' | 'situations' | 'alsoAnswers' | 'changes' | 'idempotent'>>;

/** Declares an operation with one answer. A GET changes nothing; every other method does, and is idempotent, unless it says otherwise. */
export function operation<Input extends z.ZodType, Answer extends z.ZodType>(
  given: Given & { readonly list?: true; readonly input: (wire: Wire) => Input; readonly answer: (wire: Wire) => Answer },
): SingleOperation<Input, Answer> {
  const { list = false, ...rest } = given;
  return { ...defaults(given), ...rest, paging: { kind: list ? 'array' : 'none' } };
}

/** Declares an operation that gives rows page by page. */
export function paged<Input extends z.ZodType, Row extends z.ZodType>(
  given: Given & { readonly paging: PagedOperation['paging']; readonly input: (wire: Wire) => Input; readonly row: (wire: Wire) => Row },
): PagedOperation<Input, Row> {
  return { ...defaults(given), ...given };
}

function defaults({ method }: Given): Pick<OperationFacts, 'changes' | 'idempotent' | 'evidence' | 'situations' | 'alsoAnswers'> {
  return { changes: method !== 'GET', idempotent: true, evidence: 'swagger', situations: {}, alsoAnswers: [] };
}

/** Whether an operation gives rows page by page. */
export function isPaged(one: Operation): one is PagedOperation {
  return one.paging.kind === 'offset' || one.paging.kind === 'fixed';
}
