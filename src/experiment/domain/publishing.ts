import { Refused } from '#ledger/decider.js';
import { ReportPublished, type DataOf } from './events.js';
import type { ExperimentDecision } from './experiment.js';

const sameFiles = (a: DataOf<'ReportPublished'>, b: DataOf<'ReportPublished'>): boolean =>
  a.html === b.html && a.markdown === b.markdown;

/** Records what a report came to, byte for byte; the very same one again changes nothing. */
export const publishReport =
  (report: DataOf<'ReportPublished'>): ExperimentDecision =>
  (state) => {
    if (state.status === 'absent')
      throw new Refused('there is no such experiment; `experiment list` shows those there are');
    const { registration, looks, reports } = state;
    const { experiment } = registration;
    if (looks.length === 0)
      throw new Refused(
        `experiment "${experiment}" has taken no look, so there is nothing to publish; \`experiment conclude ${experiment}\` takes one`,
      );
    if (report.looks !== looks.length)
      throw new Refused(
        `the report knows ${report.looks} looks of experiment "${experiment}"; it has taken ${looks.length}`,
      );
    const last = reports.at(-1);
    return last && sameFiles(last, report) ? [] : [ReportPublished.of(report)];
  };
