import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsObject, IsOptional, Matches } from 'class-validator';
import { corpusStream, type Corpus } from '#corpus/domain/corpus.js';
import { PACKAGE_CORPORA, readPackageCorpus } from '#corpus/package-corpora.js';
import { loadCorpus, registerCorpus } from '#corpus/register-corpus.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Turn } from '#doors/turn.js';
import { wrongDistillation } from '#experiment/domain/distilled.js';
import { knownExperiments } from '#experiment/known-experiments.js';
import { Refused } from '#ledger/decider.js';
import { decide, fold } from '#ledger/ledger.js';
import { NAME } from '#ledger/schema.js';
import { composeInputs, digestsOf } from './compose.js';
import type { DistillationConfig } from './domain/config.js';
import { distillationStream, startDistillation, type Begun } from './domain/distillation.js';
import { findDistillation } from './known-distillations.js';
import { parseDistillation } from './parse-distillation.js';
import { DistillationPorts } from './ports.js';

/** Draws everything that the arms share and begins the distillation. @throws Refused where one of that name began, whatever its settings */
export class StartDistillation extends Command<Begun> {
  @IsObject() readonly file: object;
  @IsObject() readonly origin: Origin;
  /** The registered experiment that it belongs to; one of none is exploratory. */
  @IsOptional() @Matches(NAME) readonly experiment: string | undefined;

  constructor(file: object, origin: Origin, experiment?: string) {
    super();
    this.file = file;
    this.origin = origin;
    this.experiment = experiment;
  }
}

type Brought = Readonly<{ corpus: Corpus; register: () => Promise<unknown> }>;

@CommandHandler(StartDistillation)
export class StartDistillationHandler implements ICommandHandler<StartDistillation> {
  constructor(
    private readonly ports: DistillationPorts,
    private readonly turn: Turn,
  ) {}

  execute({ file, origin, experiment }: StartDistillation): Promise<Begun> {
    const config = parseDistillation(file);
    return this.turn.take(() => this.start(config, origin, experiment ?? null));
  }

  /** Everything is drawn before the first write, so that what is refused leaves no trace. */
  private async start(config: DistillationConfig, origin: Origin, experiment: string | null): Promise<Begun> {
    const { ledger, artifacts } = this.ports;
    const { corpus, register } = await this.bring(config.general, origin);
    const composed = composeInputs(config, corpus);
    const data = { config, experiment, ...digestsOf(composed) };
    const { state } = await fold(ledger.log, distillationStream, config.distillation);
    startDistillation(data)(state);
    const known = (await knownExperiments(ledger.log)).map(({ state: { registration }, seedLeaf: leaf }) => ({
      registration,
      leaf,
    }));
    const wrong = wrongDistillation(known, data);
    if (wrong !== undefined) throw new Refused(wrong);
    await register();
    for (const bytes of Object.values(composed.inputs)) await artifacts.put(bytes);
    await decide(ledger, distillationStream, config.distillation, startDistillation(data), byOrigin(origin));
    return findDistillation(ledger.log, config.distillation);
  }

  /** The corpus as the log has it, else that of the packages. */
  private async bring(name: string, origin: Origin): Promise<Brought> {
    const { ledger, artifacts } = this.ports;
    if ((await fold(ledger.log, corpusStream, name)).state.registered)
      return { corpus: await loadCorpus(ledger.log, artifacts, name), register: () => Promise.resolve() };
    const packaged = PACKAGE_CORPORA.find((one) => one === name);
    if (!packaged)
      throw new InvalidRequest(
        `general: "${name}": no corpus of this log; name one that is registered, or of ${PACKAGE_CORPORA.join(', ')}`,
      );
    const { cut, provenance } = await readPackageCorpus(packaged);
    const register = (): Promise<unknown> => registerCorpus(ledger, artifacts, cut, provenance, byOrigin(origin));
    return { corpus: cut.corpus, register };
  }
}
