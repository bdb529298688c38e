import type { FindingKind } from '#audit/domain/finding.js';
import type { Scope, WhichArtifacts } from './manifest.js';

/** What can be wrong with an export beyond what can be wrong with a log. */
export type ExportFindingKind = FindingKind | 'file missing' | 'file changed' | 'tile changed' | 'not judged';

/** `position`: of the record in the log, from 1; null where none can be told. */
export type ExportFinding = Readonly<{ position: number | null; kind: ExportFindingKind; message: string }>;

/** Verdicts in the records, how many were judged again and came out as recorded, and what people decided. */
export type JudgedVerdicts = Readonly<{ recorded: number; judged: number; agreed: number; approvals: number }>;

/** An artifact that somebody decided to erase: no export can hold it. */
export type Erased = Readonly<{ artifact: string; why: string }>;

/** What an export holds, whether or not all of it is right. */
export type Shown = Readonly<{
  scope: Scope;
  build: string;
  /** Name of the log, and what its checkpoint says. */
  origin: string;
  size: number;
  root: string;
  /** Records that the export is complete up to; null where it holds but a part of the log. */
  completeTo: number | null;
  /** Whose key the signature was held against. */
  key: 'given' | 'inside';
  /** Size of the older checkpoint that was given; null without one. */
  older: number | null;
  records: number;
  streams: number;
  artifacts: Readonly<{ which: WhichArtifacts; count: number; bytes: number; erased: readonly Erased[] }>;
  /** Null where the records are not those that were signed: nothing can be judged then. */
  verdicts: JudgedVerdicts | null;
}>;

export type Report = Readonly<{
  ok: boolean;
  /** Those with a position first, in the order of the log. */
  findings: readonly ExportFinding[];
  findingsLeftOut: number;
  /** Null where the export cannot even say what it is, or nobody signed it. */
  shown: Shown | null;
}>;

const KEPT = 100;

export const reportOf = (all: readonly ExportFinding[], shown: Shown | null): Report => {
  const sorted = all.toSorted((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity));
  const findings = sorted.slice(0, KEPT);
  return { ok: sorted.length === 0, findings, findingsLeftOut: sorted.length - findings.length, shown };
};
