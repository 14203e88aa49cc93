import { z } from 'zod';
import { paged } from './define.ts';
import { pageFields } from './input.ts';
import { flag, id, neededWhole, text, whole } from './wire.ts';

/** Trend reports (contract §3.20). */
export const trendReportOperations = {
  'trend-report.list': paged({
    name: 'trend-report.list', method: 'GET', path: '/trend-report', paging: { kind: 'offset', rows: 'trendReports' }, about: 'the trend reports that mailings are counted in',
    input: () => z.strictObject({ enabled: z.boolean().optional(), ...pageFields }),
    row: ({ instant }) => z.object({
      id: neededWhole, name: text, enabled: flag, target: text, createDate: instant, folderId: id, contentType: text, reportingEnabled: flag,
      sendDays: whole, sendHours: whole, sendMinutes: whole, reportEmail1: text, reportEmail2: text, reportEmail3: text, author: text, mailingCount: whole,
    }),
  }),
};
