import type { DataOf } from '#experiment/domain/events.js';
import { sha256 } from '#ledger/digest.js';
import type { Log } from '#ledger/log.js';
import { registeredIn, type Told } from './domain/told.js';
import type { Report } from './domain/document.js';
import { FORMAT, makeReport, writeReport, type ReportFiles } from './make-report.js';
import { readTold } from './read-told.js';

/** A report with its files, and as the log records it once it is published. */
export type MadeReport = Readonly<{ report: Report; files: ReportFiles; published: DataOf<'ReportPublished'> }>;

export const madeOf = (told: Told): MadeReport => {
  const report = makeReport(told);
  const files = writeReport(report);
  const published = {
    looks: registeredIn(told).looks.length,
    asOf: report.asOf,
    format: FORMAT,
    html: sha256(files.html),
    markdown: sha256(files.markdown),
    figures: files.figures.map(({ name, svg }) => ({ name, svg: sha256(svg) })),
  };
  return { report, files, published };
};

/** Made from the records before a position; undefined where the experiment is not registered there. */
export const reportOf = async (log: Log, experiment: string, before = Infinity): Promise<MadeReport | undefined> => {
  const told = await readTold(log, experiment, before);
  return told && madeOf(told);
};
