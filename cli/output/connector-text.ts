import type { ConnectorView } from '../../gateway/connectors/connector-view.ts';
import { facts, table, wrapped } from './table.ts';
import { duration, when } from './times.ts';

/** A connector for a person: what it is, how it is, and what flows. */
export function connectorText(connector: ConnectorView): string {
  return [
    facts([
      ['connector', connector.id], ['name', connector.name], ['platform', connector.platform], ['preset', connector.preset],
      ['test', connector.test ? 'yes: may pull more often and with a lower margin than a real connector' : null],
      ['phase', connector.phase], ['paused', connector.paused ? 'yes' : 'no'],
      ['in', healthText(connector.health.in)], ['out', healthText(connector.health.out)],
      ['pulls', !connector.pulled ? null : `every ${duration(connector.pullIntervalMs / 1000)}, what changed up to ${connector.pullMarginMs === 0 ? 'then' : `${duration(connector.pullMarginMs / 1000)} before`}`],
      ['credentials', connector.credentials.join(', ')], ['sends to', connector.inboundUrl], ['Temporal UI', connector.temporalUi], ['added', when(connector.createdAt)],
    ]),
    table(['setting', 'value'], Object.entries(connector.settings).map(([name, value]) => [name, settingText(value)])),
    table(['permission', 'at the platform'], Object.entries(connector.permissions)),
    'What flows (`hub presets show` tells what the preset moves):',
    table(['data type', 'into the hub', 'out of the hub'], connector.dataTypes.map((one) => [one.dataType, gateText(one.import), gateText(one.export)])),
    ...connector.dataTypes.flatMap(({ dataType, import: into, export: out, note }) => (note !== null && into.allowed && out.allowed ? [`${dataType}: ${note}`] : [])),
  ].join('\n');
}

const widest = 100;

/** Short values as they are, long ones in lines. */
function settingText(value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= widest || typeof value === 'string' ? text : wrapped(JSON.stringify(value, null, 1).replaceAll(/\n */g, ' '), widest);
}

function healthText({ state, reason }: ConnectorView['health']['in']): string {
  return reason === null || reason === '' ? state : `${state}: ${reason}`;
}

function gateText({ allowed, reason }: { readonly allowed: boolean; readonly reason: string }): string {
  if (allowed) return 'yes';
  const why = reason.replace(/^The preset .*$/, '').replace(/^.* has no (?:import|export) of \w+(?:: )?/, '').replace(/\.$/, '');
  return why === '' ? 'no' : `no: ${why}`;
}
