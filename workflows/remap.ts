import { setCurrentDetails } from '@temporalio/workflow';
import type { ConnectorInput } from './message-types.ts';
import { working } from './proxies.ts';

const ofMapping = {
  more: 'stored contacts are brought in line with its mapping', done: 'all stored contacts are in line with its mapping', derived: 'Read anew',
};

const ofDefaultSource = {
  more: 'another source than before has the first word on products and stock: what is stored is merged anew',
  done: 'all stored products and stock are merged by whose word counts first now', derived: 'Say something else now',
};

/**
 * Brings stored records in line with what has changed about a connector (`remap/<connectorId>`), in time-boxed parts: its mapping, and whose word on products and
 * stock counts first since it came or went. Where it is stands in PostgreSQL, so that the sweep starts it again when it was ended before.
 */
export async function remap({ connectorId }: ConnectorInput): Promise<void> {
  for (;;) {
    const { of, more, looked, total, derived, raised } = await working.remapContacts.executeWithOptions({ summary: `mapping of ${connectorId}` }, [{ connectorId }]);
    const words = of === 'default-source' ? ofDefaultSource : ofMapping;
    setCurrentDetails(`**${connectorId}**: ${more ? words.more : words.done}.\n\n- Looked at: ${looked} of ${total}\n- ${words.derived}: ${derived}\n- Planned anew: ${raised}`);
    if (!more) return;
  }
}
