import { Command, CommanderError } from 'commander';
import { registerArtifact } from './artifact-erase.js';
import { registerCheckpoint } from './checkpoint-export.js';
import { registerConstitution } from './constitution-power.js';
import { registerCycle } from './cycle-show.js';
import { registerDemo } from './demo.js';
import { registerDistillation } from './distillation.js';
import { registerDoctor } from './doctor.js';
import { BAD_INPUT, describeFailure, OK } from './failures.js';
import { registerExperimentCommands } from './experiment-register.js';
import { registerExperimentReport } from './experiment-report.js';
import { registerExperimentRun } from './experiment-run.js';
import { registerExport } from './export.js';
import { registerImport } from './import.js';
import { registerKeys } from './key.js';
import { registerLog } from './log.js';
import { registerReplay } from './replay.js';
import { registerRunChanges } from './run-changes.js';
import { registerRunDiff } from './run-diff.js';
import { registerRunInit } from './run-init.js';
import { registerRunResetAnchor } from './run-reset-anchor.js';
import { registerRunShow } from './run-show.js';
import { registerRunStart } from './run-start.js';
import type { Surroundings } from './screen.js';
import { backendName, DEFAULT_DATA, instructionSet, limitSeconds, Session, threadCount } from './session.js';
import { registerServe } from './serve.js';
import { registerToken } from './token.js';
import { registerTrainer } from './trainer.js';
import { registerVerdict } from './verdict-explain.js';
import { registerVerify } from './verify.js';
import { registerWitness } from './witness.js';

const oneLine = (text: string): string =>
  `${text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')}\n`;

const build = (session: Session): Command => {
  const program = new Command('prometheus-ledger')
    .description('A bounded self-improvement loop whose every step is an event that anyone can verify and replay.')
    .version('0.1.0')
    .option('--data <folder>', `where the log and the artifacts are (default "${DEFAULT_DATA}")`)
    .option('--url <address>', 'ask this service instead of a data folder, such as http://127.0.0.1:4680')
    .option('--token <secret>', 'who asks; others here may see it in the process list (or: PROMETHEUS_LEDGER_TOKEN)')
    .option('--token-file <path>', 'a file with the token in it')
    .option('--log-key <file>', "where the log's signing key is (default: notary/key in the data folder)")
    .option('--json', 'one JSON document on standard output, everything else on standard error')
    .option('--threads <n>', 'threads to train and verify with; never changes a bit (default: all cores)', threadCount)
    .option('--isa <name>', 'instruction set: reference, avx2, avx512, neon; never changes a bit', instructionSet)
    .option(
      '--backend <name>',
      'what trains: cpu, or cuda; evaluation stays on the cpu; never changes a bit',
      backendName,
    )
    .option(
      '--evaluation-limit <seconds>',
      'longest an evaluator may take for one evaluation, which is then void (default: 1800)',
      limitSeconds,
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 the check failed, 2 usage or bad input, 130 interrupted.')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => session.surroundings.stdout.write(text),
      writeErr: (text) => session.surroundings.stderr.write(text),
      outputError: (text, write) => write(`prometheus-ledger: ${oneLine(text)}`),
    })
    .showSuggestionAfterError(true)
    .exitOverride()
    .hook('preAction', (_program, command) => session.begin(command));
  registerDemo(program, session);
  const run = program.command('run').description('start, follow, change and compare runs');
  registerRunInit(run, session);
  registerRunStart(run, session);
  registerRunShow(run, session);
  registerRunChanges(run, session);
  registerRunResetAnchor(run, session);
  registerRunDiff(run, session);
  const experiment = program.command('experiment').description('register experiments and run them as registered');
  registerExperimentCommands(experiment, session);
  registerExperimentRun(experiment, session);
  registerDistillation(program, session);
  registerExperimentReport(experiment, session);
  registerServe(program, session);
  registerToken(program, session);
  registerCycle(program, session);
  registerVerdict(program, session);
  registerConstitution(program, session);
  registerKeys(program, session);
  registerCheckpoint(program, session);
  registerArtifact(program, session);
  registerVerify(program, session);
  registerLog(program, session);
  registerWitness(program, session);
  registerExport(program, session);
  registerImport(program, session);
  registerReplay(program, session);
  registerTrainer(program, session);
  registerDoctor(program, session);
  return program;
};

/** Help that was asked for is a success; help in place of a command that is missing is not. */
const tellUsage = (session: Session, { exitCode, code, message }: CommanderError): number => {
  if (exitCode === 0) return OK;
  const said = code === 'commander.help' ? 'a command is missing; --help lists them' : oneLine(message).trimEnd();
  session.screen.document({ error: { name: 'BadUsage', message: said } });
  return BAD_INPUT;
};

const tellFailure = (session: Session, error: unknown): number => {
  const { name, message, fault } = describeFailure(error);
  session.screen.progress.clear();
  session.surroundings.stderr.write(`prometheus-ledger: ${message}\n`);
  if (fault) session.surroundings.stderr.write(`This is a fault of the program: ${(error as Error).stack ?? name}\n`);
  session.screen.document({ error: { name, message } });
  return BAD_INPUT;
};

/** Runs what was typed (the words after the program's name) and answers the exit code. */
export const main = async (words: readonly string[], surroundings: Surroundings): Promise<number> => {
  const session = new Session(surroundings, words.includes('--json'));
  try {
    await build(session).parseAsync([...words], { from: 'user' });
    return session.code;
  } catch (error) {
    return error instanceof CommanderError ? tellUsage(session, error) : tellFailure(session, error);
  }
};
