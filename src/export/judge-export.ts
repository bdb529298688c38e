import { checkApprovals } from '#audit/check-approvals.js';
import type { Verdicts } from '#audit/domain/finding.js';
import { rejudgeAll } from '#audit/rejudge-all.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { ArtifactGone } from '#ledger/artifacts.js';
import { streamName } from '#ledger/ledger.js';
import type { JudgingPorts } from '#loop/loop-ports.js';
import { runStream } from '#run/domain/run.js';
import { VerdictReached } from '#run/domain/evidence-events.js';
import type { Scope, WhichArtifacts } from './domain/manifest.js';
import type { ExportFinding, JudgedVerdicts } from './domain/report.js';
import type { ExportedLog } from './exported-log.js';

type ExportPorts = Omit<JudgingPorts, 'ledger'> & Readonly<{ ledger: Readonly<{ log: ExportedLog }> }>;

const judgeRun = async (ports: JudgingPorts, run: string): Promise<Verdicts> => {
  const approvals = await checkApprovals(ports.ledger.log);
  try {
    const { verdicts, agreed, disagreements, erased: cycles } = await rejudgeRun(ports, run);
    const erased = cycles.map(({ cycle, message }) => ({ run, message: `cycle ${cycle}: ${message}` }));
    return { judged: verdicts, agreed, disagreements, unjudged: [], erased, approvals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const gone = error instanceof ArtifactGone;
    const why = [{ run, message }];
    const without = gone ? { unjudged: [], erased: why } : { unjudged: why, erased: [] };
    return { judged: 0, agreed: 0, disagreements: [], ...without, approvals };
  }
};

/** Judges again what an export is about; without artifacts only what people decided, and of a stretch of the log nothing. */
export const judgeScope = async (
  ports: JudgingPorts,
  scope: Scope,
  which: WhichArtifacts,
  onRun: (run: string) => void = () => undefined,
): Promise<Verdicts> => {
  const nothing = { judged: 0, agreed: 0, disagreements: [], unjudged: [], erased: [] };
  if (scope.kind === 'range') return { ...nothing, approvals: { checked: 0, unlawful: [] } };
  if (which === 'none') return { ...nothing, approvals: await checkApprovals(ports.ledger.log) };
  if (scope.kind === 'log') return rejudgeAll(ports, { onRun });
  onRun(scope.run);
  return judgeRun(ports, scope.run);
};

/** Where the verdicts stand that an export is about. */
const verdictsIn = async (log: ExportedLog, scope: Scope): Promise<ReadonlyMap<string, number>> => {
  const places = new Map<string, number>();
  for await (const { position, record } of log.readAll({ types: [VerdictReached.type] }))
    if (scope.kind !== 'run' || record.stream === streamName(runStream, scope.run))
      places.set(`${record.stream} ${String(record.data['cycle'])}`, position);
  return places;
};

/** The same with the place in the log of whatever comes out otherwise. */
export const judgeExport = async (
  ports: ExportPorts,
  scope: Scope,
  which: WhichArtifacts,
  onRun: (run: string) => void,
): Promise<Readonly<{ verdicts: JudgedVerdicts; findings: readonly ExportFinding[] }>> => {
  const { log } = ports.ledger;
  const places = await verdictsIn(log, scope);
  const streamOf = (run: string): string => streamName(runStream, run);
  const { judged, agreed, disagreements, unjudged, approvals } = await judgeScope(ports, scope, which, onRun);
  const otherwise = disagreements.map(({ run, cycle, what, recorded, recomputed }): ExportFinding => {
    const stream = streamOf(run);
    const position = places.get(`${stream} ${cycle}`) ?? log.positionOf(stream, 0);
    const message = `run ${run}, cycle ${cycle}: ${what} is ${recomputed}, recorded is ${recorded}`;
    return { position, kind: 'judged otherwise', message };
  });
  const absent = scope.kind === 'run' && log.positionOf(streamOf(scope.run), 0) === null ? [scope.run] : [];
  const without = [...unjudged, ...absent.map((run) => ({ run, message: 'none of its records is here' }))].map(
    ({ run, message }): ExportFinding => ({
      position: null,
      kind: 'not judged',
      message: `run ${run} cannot be judged again: ${message}`,
    }),
  );
  const unlawful = approvals.unlawful.map(({ stream, revision, type, because }): ExportFinding => {
    const message = `${type} at revision ${revision} of ${stream}: ${because}`;
    return { position: log.positionOf(stream, revision), kind: 'judged otherwise', message };
  });
  const verdicts = { recorded: places.size, judged, agreed, approvals: approvals.checked };
  return { verdicts, findings: [...otherwise, ...without, ...unlawful] };
};
