import { constitutionStream } from '#constitution/domain/constitution.js';
import { corpusStream } from '#corpus/domain/corpus.js';
import { experimentStream } from '#experiment/domain/experiment.js';
import { keyStream } from '#key/domain/key-ring.js';
import { streamName } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { knownRuns } from '#loop/known-runs.js';
import { rootsBehind } from '#run/domain/lineage.js';
import { runStream, type Started } from '#run/domain/run.js';
import { findRun } from '#run/find-run.js';
import { suiteStream } from '#suite/domain/suite.js';

/**
 * The streams that a run's verdicts stand on: the runs of its lineage and of those that it left behind, their constitutions,
 * its suites and texts, the experiment that registered it with all its runs, and the keys of people. @throws Refused, naming the runs there are
 */
export const streamsOfRun = async (log: Log, name: string): Promise<ReadonlySet<string>> => {
  const { run } = await findRun(log, name);
  const { suites, general, texts } = run.config;
  const runs = await knownRuns(log);
  const roots = rootsBehind(run, runs);
  const { experiment } = run;
  const isSister = (other: Started): boolean => experiment !== null && other.experiment === experiment;
  const related = runs
    .filter((other) => roots.includes(other.lineage.root) || isSister(other))
    .map(({ config }) => config);
  return new Set([
    ...related.flatMap(({ run: id, constitution }) => [
      streamName(runStream, id),
      streamName(constitutionStream, constitution.id),
    ]),
    ...Object.values(suites).map((suite) => streamName(suiteStream, suite)),
    ...[general, ...texts].map((corpus) => streamName(corpusStream, corpus)),
    ...(experiment === null ? [] : [streamName(experimentStream, experiment)]),
    streamName(keyStream, ''),
  ]);
};
