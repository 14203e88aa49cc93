import { uuidOf } from './encrypted-id.ts';

/** What a trend report is made of; the names are the vendor's (contract 2). */
export interface TrendReportSetup {
  readonly name: string;
  readonly enabled: boolean;
  readonly target: 'B2B' | 'B2C' | 'OTHER';
  readonly contentType: 'MARKETING' | 'INFO' | 'SERVICE';
  readonly reportingEnabled: boolean;
  readonly sendDays: number;
  readonly sendHours: number;
  readonly sendMinutes: number;
  readonly reportEmails: readonly string[];
  readonly author: string;
}

/** A trend report: mailings that are compared with each other. */
export interface TrendReport extends TrendReportSetup {
  readonly id: number;
  readonly folderId: string;
  readonly createdMs: number;
}

/** The account's trend reports. */
export class TrendReports {
  readonly #reports: TrendReport[] = [];

  /** Adds a report, with this id or the next one. `undefined` when the id is in use. */
  add(setup: TrendReportSetup, createdMs: number, id = this.#nextId()): TrendReport | undefined {
    if (this.#reports.some((report) => report.id === id)) return undefined;
    const report = { ...setup, id, createdMs, folderId: uuidOf('folder', 1) };
    this.#reports.push(report);
    return report;
  }

  all(): readonly TrendReport[] {
    return this.#reports;
  }

  #nextId(): number {
    return Math.max(0, ...this.#reports.map(({ id }) => id)) + 1;
  }
}
