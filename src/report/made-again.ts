import type { Log } from '#ledger/log.js';
import type { MadeReport } from './report-of.js';

/** The report as it was before a position. What draws is loaded only where a log has a report. */
export const makesReports = async (log: Log, experiment: string, before: number): Promise<MadeReport | undefined> =>
  (await import('./report-of.js')).reportOf(log, experiment, before);
