import type { ReactNode } from 'react';
import { treatmentText } from '#distillation/domain/wording.js';
import { useAnswer } from './asking.js';
import { questions, type DistillationView } from './client.js';
import { DistillationAlignment } from './distillation-alignment.js';
import { DistillationTransfer } from './distillation-transfer.js';
import { bits, count, NOTHING } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, DataTable, Facts, Hash, Section, type Column } from './parts.js';
import { links } from './routes.js';
import { armSaid, distillationSaid } from './words.js';

type Shown = Readonly<{ of: DistillationView }>;

const teacherSaid = ({ teacher, aborted }: DistillationView): string => {
  if (aborted) return `aborted: ${aborted.message}`;
  return teacher ? `trained, ${count(teacher.tokens)} bytes read` : 'not trained yet';
};

const Summary = ({ of }: Shown): ReactNode => {
  const { status, experiment, config } = of;
  const { seed, general, families, student, sequence } = config;
  const { steps, batch } = student.training;
  return (
    <Facts
      of={[
        ['State', <Badge key="s" said={distillationSaid(status)} />],
        [
          'Experiment',
          experiment === null ? (
            'none: it is exploratory'
          ) : (
            <a key="e" href={links.experiment(experiment)}>
              {experiment}
            </a>
          ),
        ],
        ['Seed', String(seed)],
        ['General text', general],
        ['Families', families.join(', ')],
        ['Teacher', teacherSaid(of)],
        ['Each student reads', `${count(steps * batch * sequence)} bytes`],
      ]}
    />
  );
};

type Arm = DistillationView['arms'][number] & Readonly<{ taught: string }>;

const ARMS: readonly Column<Arm>[] = [
  { head: 'Arm', heads: true, cell: ({ arm }) => arm },
  { head: 'Taught by', cell: ({ taught }) => taught },
  { head: 'State', cell: ({ status }) => <Badge said={armSaid(status)} /> },
  { head: 'First loss', right: true, cell: ({ trained }) => bits(trained?.lossFirstNats) },
  { head: 'Last loss', right: true, cell: ({ trained }) => bits(trained?.lossLastNats) },
  {
    head: 'Weights',
    cell: ({ trained }) => (trained ? <Hash of={trained.student} /> : NOTHING),
  },
];

const Arms = ({ of: { arms, config } }: Shown): ReactNode => (
  <DataTable
    caption="Arms"
    columns={ARMS}
    rows={arms.map((one) => {
      const setting = config.arms.find(({ arm }) => arm === one.arm);
      return { ...one, taught: setting ? treatmentText(setting) : NOTHING };
    })}
    keyOf={({ arm }) => arm}
  />
);

/** A teacher and its students, as far as they are. */
export const DistillationPage = ({ distillation }: Readonly<{ distillation: string }>): ReactNode => {
  const stream = `distillation-${distillation}`;
  const asked = useAnswer(questions.distillation(distillation), useVersion(stream));
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={links.distillations}>Distillations</a> <span aria-hidden="true">›</span> {distillation}
      </nav>
      <h1>Distillation {distillation}</h1>
      <Answer asked={asked} what="the distillation" lines={40}>
        {(shown) => (
          <>
            <Summary of={shown} />
            <Section
              id="arms"
              title="How the students are taught"
              says="All begin with the same weights and read the same text in the same order. The loss, in nats, is that of the next byte in the step, whatever else taught the student."
            >
              <Arms of={shown} />
              {shown.arms.map(
                ({ arm, aborted }) =>
                  aborted && (
                    <p key={arm} className="told bad">
                      The training of {arm} was aborted: {aborted.message}.
                    </p>
                  ),
              )}
            </Section>
            <DistillationTransfer of={shown} />
            <DistillationAlignment of={shown} />
            <p>
              <a href={links.log({ stream })}>Every record of this distillation in the log</a>. To train all of it again
              and compare every event: <code>prometheus-ledger distillation replay {distillation}</code>
            </p>
          </>
        )}
      </Answer>
    </>
  );
};
