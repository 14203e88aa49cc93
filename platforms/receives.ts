import type { z } from 'zod';
import type { CanonicalActivity } from '../domain/model/activity.ts';
import type { Instant } from '../domain/model/fields.ts';
import type { ListPage } from '../domain/model/list-page.ts';
import type { RejectedRow, SourceRow } from '../domain/model/source-record.ts';
import type { DataType } from '../domain/presets/data-types.ts';
import type { PlatformContext } from './platform.ts';

/** One request from a source system, before anything is stored. */
export interface InboundRequest {
  /** Another one for each request, also for a repeated one: the key of what carries none. */
  readonly id: string;
  readonly method: string;
  /** Path below `/inbound/<platform>/<connectorId>`, as `/list-syncs`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly body: unknown;
  readonly receivedAt: Instant;
}

/** A version of a thing that a system states, told apart from its other versions by the system's own time. */
export interface StatedVersion {
  readonly dataType: DataType;
  readonly externalId: string;
  readonly at: Instant;
  /** SHA-256 of what it says, in hex. */
  readonly digest: string;
}

/** The versions of one event. */
export interface StatedVersions {
  readonly versions: readonly StatedVersion[];
  /** The event without versions that came before with the same time and another content. Throws IDEMPOTENCY_CONFLICT where the request is about one thing. */
  without(conflicting: readonly StatedVersion[]): InboundEvent;
}

/** What is stored of an inbound request, and what is answered once it is committed. */
export interface InboundEvent {
  /** `list-sync`, `list-removed`, `records-changed`. */
  readonly kind: string;
  /** Unique for (connector, kind): the same key with the same body is answered as before, with another body refused. */
  readonly key: string;
  /** Kept in the inbox until applied; its shape belongs to the platform (`readInbox`). */
  readonly payload: unknown;
  readonly rejected: readonly RejectedRow[];
  readonly answer: { readonly status: number; readonly body: unknown };
  /** Data types that it brings in: refused (NOT_IMPORTED) when the preset of the connector does not import one of them. */
  readonly brings?: readonly DataType[];
  /** Compared with what came before, where the platform's systems say when they changed a thing. */
  readonly stated?: StatedVersions;
}

/** A request that a platform's systems may send, for the OpenAPI document. */
export interface InboundOperation {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Below `/inbound/<platform>/:connectorId`, with its parameters, as `/:dataType/:externalId`. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly params: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** Media types of the body; JSON unless told. */
  readonly consumes?: readonly string[];
  /** Headers that it knows, in small letters. */
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  readonly answer: z.ZodType;
}

/** Takes requests from source systems. Pure apart from the signature check: nothing is stored here. Throws HubError REQUEST_INVALID. */
export interface Receives {
  receive(context: PlatformContext, request: InboundRequest): InboundEvent;
  /** Turns a stored event into rows and list facts for the apply transaction. Pure. */
  readInbox(context: PlatformContext, kind: string, payload: unknown, receivedAt: Instant): InboxContent;
  /** What may be sent; where they are given, they are routes and documentation of their own. */
  readonly inboundOperations?: readonly InboundOperation[];
  /** JSON Schemas of what is sent and answered, by name: served to whoever builds a system. */
  readonly inboundSchemas?: Readonly<Record<string, object>>;
}

/** What an inbox row means. */
export interface InboxContent {
  /** Rows of one data type. */
  readonly rows: readonly SourceRow[];
  readonly activities?: readonly CanonicalActivity[];
  /** Whether these rows may create records (a Coins list sync may, other reads of Coins may not). */
  readonly mayCreate: boolean;
  /** What changed just now, ahead of bulk. */
  readonly isLive?: true;
  /** The system says that it has sent all it had of this data type. */
  readonly completes?: DataType;
  readonly listPage?: ListPage;
  readonly removedListId?: string;
}
