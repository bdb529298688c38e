import type { ExportFinding, Report, Shown } from './domain/report.js';

const LEAD = 12;

const row = (label: string, text: string): string => `  ${label.padEnd(LEAD)}${text}`;

const plural = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

const title = ({ scope, origin, build }: Shown): string => {
  const what = {
    log: 'the whole log',
    run: scope.kind === 'run' ? `run ${scope.run}` : '',
    range: scope.kind === 'range' ? `records ${scope.from} to ${scope.through}` : '',
  }[scope.kind];
  return `Export of ${what}, log ${origin}, written by ${build}`;
};

const verdictWords = ({ scope, artifacts, verdicts }: Shown): string => {
  if (!verdicts) return 'NOT judged again: the records are not those that were signed';
  const { recorded, judged, agreed } = verdicts;
  if (scope.kind === 'range') return `NOT judged again: a stretch of the log need not hold what a verdict stands on`;
  if (artifacts.which === 'none')
    return `${plural(recorded, 'verdict is', 'verdicts are')} NOT judged again: no artifacts were exported`;
  return `${agreed} of ${judged} come out the same from their evidence`;
};

/** What the export shows when nothing is wrong with it, and what it does not. */
const claim = ({ scope, size, artifacts }: Shown): readonly string[] => {
  const judged = scope.kind !== 'range' && artifacts.which !== 'none';
  const said = judged ? 'Everything is as it was written' : 'The records are as they were written';
  return scope.kind === 'log'
    ? [`${said}. Complete up to checkpoint ${size}; of what came later it says nothing.`]
    : [
        `${said}; the log has them at checkpoint ${size}.`,
        'Whether more belongs to them is shown by an export of the whole log only.',
      ];
};

/** Nothing in an export tells its log from one that its owner wrote anew. */
const trust = ({ key, older }: Shown): readonly string[] => {
  if (older !== null) return [];
  const whose = key === 'inside' ? ' Whose log it is, a key that you had another way (--key) shows.' : '';
  const grew = 'That it is not one written anew, a checkpoint that you kept from earlier (--checkpoint) shows.';
  return [`${grew}${whose}`];
};

const inWords = ({ position, kind, message }: ExportFinding): string =>
  `  ✗ ${kind}${position === null ? '' : ` at position ${position}`}: ${message}`;

const bad = ({ findings, findingsLeftOut }: Report): readonly string[] => [
  ...findings.map(inWords),
  ...(findingsLeftOut > 0 ? [`  and ${findingsLeftOut} more`] : []),
  'NOT as it was written.',
];

const figures = (shown: Shown): readonly string[] => {
  const { size, root, records, streams, artifacts, verdicts, key, older } = shown;
  const { which, count, bytes, erased } = artifacts;
  return [
    title(shown),
    row('records', `${records} in ${plural(streams, 'stream', 'streams')}: bytes, order, revisions, causes, proofs`),
    row('checkpoint', `${size} records, root ${root}`),
    row('signed', key === 'given' ? 'by the key that was given' : 'by the key in the export'),
    ...(older === null ? [] : [row('older', `held against a checkpoint of ${plural(older, 'record', 'records')}`)]),
    row('artifacts', `${count} hashed, ${(bytes / 1e6).toFixed(1)} MB (${which})`),
    ...erased.map(({ artifact, why }, at) => row(at === 0 ? 'erased' : '', `${artifact.slice(0, 12)}: ${why}`)),
    row('verdicts', verdictWords(shown)),
    ...(verdicts && verdicts.approvals > 0
      ? [
          row(
            'approvals',
            `${verdicts.approvals} decided again: keys, constitutions, experiments, distillations, what people signed`,
          ),
        ]
      : []),
  ];
};

/** A report as a person reads it. */
export const reportLines = (report: Report): readonly string[] => {
  const { ok, shown } = report;
  const head = shown ? figures(shown) : ['The export cannot be checked:'];
  return ok && shown ? [...head, ...claim(shown), ...trust(shown)] : [...head, ...bad(report)];
};
