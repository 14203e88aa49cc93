import type { MailingDetails, MailingStatistics, ReportedMailing, ReportList, ReportPage, TrendReport } from '../domain/reports/report.ts';
import type { PlatformContext, PlatformSettings, Window } from './platform.ts';

/** What the settings of a connector say of reports. */
export interface ReportSettings {
  readonly isOn: boolean;
  /** Between two pulls. */
  readonly intervalMs: number;
  /** For how long after it was sent the numbers of a mailing are looked at again. */
  readonly followMs: number;
  /** ISO instant: no mailing of before is read. Undefined: those that are still followed at the first pull, and all later ones. */
  readonly from: string | undefined;
}

/** Which page of which list. */
export interface ReportRequest {
  readonly mailing: Pick<ReportedMailing, 'externalId' | 'kind'>;
  readonly list: ReportList;
  /** Offset of the first row. */
  readonly after: number;
  /** Only what happened in it; for messages of campaigns alone: the lists of a mailing are read whole. `from` absent: from the beginning. */
  readonly window?: { readonly from?: string; readonly to: string };
}

/**
 * Reads the reports of mailings. Nothing is changed at the platform; no address is given. Throws what calls throw, and
 * PLATFORM_NOT_LICENSED where the licence has no reports.
 */
export interface ReportsMailings {
  readonly reports: {
    settings(settings: PlatformSettings): ReportSettings;
    /** Mailings that were to be sent in the window, in no order. */
    mailings(context: PlatformContext, window: Window): Promise<readonly ReportedMailing[]>;
    /** The messages of all campaigns. */
    campaignMailings(context: PlatformContext): Promise<readonly ReportedMailing[]>;
    details(context: PlatformContext, mailing: ReportRequest['mailing']): Promise<MailingDetails>;
    /** Only of mailings. */
    statistics(context: PlatformContext, externalId: string): Promise<MailingStatistics>;
    /** The pages of a list from an offset on, each asked for when the one before was taken; no order is promised. */
    pages(context: PlatformContext, request: ReportRequest): AsyncGenerator<ReportPage, void, undefined>;
    trendReports(context: PlatformContext): AsyncGenerator<readonly TrendReport[], void, undefined>;
  };
}
