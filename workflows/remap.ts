import { setCurrentDetails } from '@temporalio/workflow';
import type { ConnectorInput } from './message-types.ts';
import { working } from './proxies.ts';

/**
 * Brings the stored records of a connector in line with its mapping (`remap/<connectorId>`), in time-boxed parts. Where it is stands in
 * PostgreSQL, so that the sweep starts it again when it was ended before.
 */
export async function remap({ connectorId }: ConnectorInput): Promise<void> {
  for (;;) {
    const { more, looked, total, derived, raised } = await working.remapContacts.executeWithOptions({ summary: `mapping of ${connectorId}` }, [{ connectorId }]);
    const state = more ? 'stored contacts are brought in line with its mapping' : 'all stored contacts are in line with its mapping';
    setCurrentDetails(`**${connectorId}**: ${state}.\n\n- Looked at: ${looked} of ${total}\n- Read anew: ${derived}\n- Planned anew: ${raised}`);
    if (!more) return;
  }
}
