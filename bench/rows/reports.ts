import { z } from 'zod';
import { workflowIds, workflowTypes } from '../../workflows/ids.ts';
import { timed, withStatements, type Bench } from '../bench.ts';
import { cpuSeconds, memoryMb } from '../cpu.ts';
import { numberOf, startHub } from '../hub/hub.ts';
import type { BenchResult } from '../result.ts';

const resultSchema = z.object({ rows: z.number(), mailings: z.number() });
const hourMs = 3_600_000;

/** The report of one mailing to very many recipients, four in ten of whom opened it and one in ten clicked: pulled into the tables, through Temporal. */
export async function reportRows(bench: Bench): Promise<BenchResult[]> {
  const { options: { recipients }, mailplus } = bench;
  await mailplus.send('POST', '/reset');
  const hub = await startHub(bench, 'reports', 1);
  try {
    await hub.set('mailplus-1', { reports: 'on' });
    await mailplus.send('POST', '/mailings', {
      name: 'Large', sentAt: new Date(Date.now() - hourMs).toISOString(), recipients: { generated: { count: recipients } }, opened: { ratio: 0.4 }, clicked: { ratio: 0.1 },
    });
    const before = Math.round(memoryMb(hub.process().pid, 'now'));
    const events = await hub.namespace.events();
    let pulled = { rows: 0, mailings: 0 };
    const { seconds, cpu } = await withStatements(bench, hub, 'reports', () => timed(async () => {
      pulled = resultSchema.parse(await hub.namespace.run(workflowTypes.pullReports, `${workflowIds.reportsSchedule('mailplus-1')}/bench`, { connectorId: 'mailplus-1' }));
    }, { hub: () => cpuSeconds(hub.process().pid), postgres: () => cpuSeconds(bench.postgres.pid) }));
    const stored = await numberOf(hub.database, 'select count(*) as n from report_event');
    const facts = { seconds, ...cpu, 'lines pulled': pulled.rows, 'lines stored': stored, 'history events': await hub.namespace.events() - events, 'MB before': before };
    const count = recipients.toLocaleString('en-GB');
    return [
      { row: 'reports', what: `hub process at its peak, report of a mailing to ${count}`, unit: 'MB', bar: 300, smallerIsBetter: true, value: Math.round(memoryMb(hub.process().pid, 'peak')), facts },
      { row: 'reports', what: 'lines of that report into tables', unit: '/s', value: pulled.rows / seconds, facts: {} },
    ];
  } finally {
    await hub.stop();
  }
}
