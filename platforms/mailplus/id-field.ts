import type { KnownId, ShownIds } from '../keeps-ids.ts';
import type { PlatformContext } from '../platform.ts';
import { sendOperation } from './call-operation.ts';
import { operations } from './operations/index.ts';
import { wireContactSchema, type WireContact } from './schema.ts';

/**
 * What this key shows of contacts that some connector knows. No method of Mail+ tells which account a key is for, nor which field its external ids
 * are in (contract §1.2): a contact that shows the same external id and the same encrypted id is the proof that both are the same.
 */
export async function lookAtIds(context: PlatformContext, known: readonly KnownId[]): Promise<ShownIds> {
  let isSame = false;
  let fields: readonly string[] | undefined;
  for (const { externalId, alternateId } of known) {
    const contact = await find(context, externalId);
    if (contact?.encryptedId !== alternateId) continue;
    isSame = true;
    const holding = Object.entries(contact.properties ?? {}).flatMap(([name, value]) => (String(value) === externalId ? [name] : []));
    fields = fields?.filter((name) => holding.includes(name)) ?? holding;
  }
  return { isSame, fields: fields ?? [] };
}

async function find(context: PlatformContext, externalId: string): Promise<WireContact | undefined> {
  const { refusal, body } = await sendOperation(context, operations['contact.get'], { externalId });
  return refusal === undefined ? wireContactSchema.safeParse(body).data : undefined;
}
