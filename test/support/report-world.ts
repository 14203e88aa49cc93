import { jest } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { createReportActivities, type ReportsProgress } from '../../activities/reports.ts';
import type { Db } from '../../db/database.ts';
import type { ReportList } from '../../domain/reports/report.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { openWorld, type HubWorld } from './hub-world.ts';

/** Mail+ as a sandbox, and a connector whose reports are switched on; the clock of both stands until it is moved. */
export interface ReportWorld {
  readonly world: HubWorld;
  readonly mail: MailplusSandbox;
  readonly db: Db;
  /** One time box of a pull; `startedAt` goes on with one. */
  read(startedAt?: string): Promise<ReportsProgress>;
  /** Moves the clock. */
  later(ms: number): void;
  /** Calls to one operation of Mail+ since `forget`, as `GET /mailing`. */
  calls(operation: string): number;
  forget(): void;
  /** How many lines of a list are stored. */
  count(mailing: string, list: ReportList): Promise<number>;
  close(): Promise<void>;
}

const real = ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const;

/** Opens one; `close` it in `afterEach` or `afterAll`. */
export async function openReportWorld(overrides: Partial<ActivityDependencies> = {}): Promise<ReportWorld> {
  jest.useFakeTimers({ now: Date.now(), doNotFake: [...real] });
  const world = await openWorld({ coins: 0, overrides });
  const { mail, pipeline: { deps } } = world;
  await setMailplus(deps.db, { reports: 'on' });
  let before = new Map<string, number>();
  const callsOf = (operation: string) => mail.state.counters()[operation]?.calls ?? 0;
  return {
    world, mail, db: deps.db,
    read: (startedAt) => new MockActivityEnvironment().run(createReportActivities(deps).readReports, { connectorId: 'mailplus-1', ...(startedAt === undefined ? {} : { startedAt }) }) as Promise<ReportsProgress>,
    later: (ms) => {
      jest.setSystemTime(Date.now() + ms);
    },
    calls: (operation) => callsOf(operation) - (before.get(operation) ?? 0),
    forget: () => {
      before = new Map(Object.entries(mail.state.counters()).map(([operation, { calls }]) => [operation, calls]));
    },
    count: async (mailing, list) => {
      const { rows } = await deps.db.selectFrom('report_event as e').innerJoin('report_mailing as m', 'm.id', 'e.mailing_id').where('m.external_id', '=', mailing).where('e.list', '=', list)
        .select(({ fn }) => fn.countAll<number>().as('rows')).executeTakeFirstOrThrow();
      return rows;
    },
    close: async () => {
      jest.useRealTimers();
      await world.close();
    },
  };
}

/** Changes settings of the connector, as they are stored. */
export async function setMailplus(db: Db, settings: object): Promise<void> {
  const { settings: stored } = await db.selectFrom('connector').select('settings').where('id', '=', 'mailplus-1').executeTakeFirstOrThrow();
  await db.updateTable('connector').set({ settings: JSON.stringify({ ...stored, ...settings }) }).where('id', '=', 'mailplus-1').execute();
}
