import { HubError } from '../../../domain/errors.ts';
import type { Fields } from '../../../domain/model/fields.ts';
import type { RecordType } from '../../../domain/model/record-fields.ts';
import type { Trx } from '../../database.ts';
import type { ClaimedDelivery } from './claim.ts';

/** One planned write: what differs, and the id under which the platform has or gets the thing. */
export interface PlannedWrite {
  readonly delivery: ClaimedDelivery;
  readonly externalId: string;
  readonly isNew: boolean;
  readonly changes: Fields;
  /** The date of each permission in `changes`, by key. */
  readonly permissionDates: Readonly<Record<string, string | null>>;
  /** What finds the thing at the platform besides its id. */
  readonly identity: Fields;
  /** The whole desired state, without permissions. */
  readonly whole?: Fields;
  /** Part of the difference had to wait: the delivery stays pending. */
  readonly again: boolean;
  /** Fields that the platform holds otherwise and is not to get, for a person to read. */
  readonly heldBack?: string;
}

/** Who sends: account, connector and the epoch of the sender's lock. */
export interface SenderScope {
  readonly accountId: string;
  readonly connectorId: string;
  readonly dataType: RecordType;
  readonly epoch: number;
  /** Key in `held` of the address by which the platform finds things; absent where it finds them by their id only. */
  readonly addressKey?: string;
}

/** The id under which the link is kept now: a thing known by its second id only keeps it until the write is confirmed. */
export const linkKey = (write: PlannedWrite) => write.delivery.link?.externalId ?? write.externalId;

/** Throws HubError SENDER_BUSY when a later sender has taken over. */
export async function fence(trx: Trx, scope: SenderScope): Promise<void> {
  const row = await trx.selectFrom('connector').select('sender_epoch').where('id', '=', scope.connectorId).forShare().executeTakeFirst();
  if (row?.sender_epoch !== scope.epoch) throw new HubError('SENDER_BUSY', 'Another process took over sending for this connector.', { connectorId: scope.connectorId });
}
