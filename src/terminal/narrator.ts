import { rejectedWords } from '#run/domain/adaptation.js';
import type { DataOf, RunEvent } from '#run/domain/events.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from '#run/domain/evidence.js';
import type { RunConfig } from '#run/domain/config.js';
import { LEFT_CHAMPION } from '#run/domain/decisions.js';
import { isClosed, isInterruption, type Cycle } from '#run/domain/cycle.js';
import { cycleOf, evolve, lastCycle, type Run, type Started } from '#run/domain/run.js';
import { bits, duration, grouped, points, share, short, worsening, wrap } from './format.js';
import type { Tone } from './screen.js';

type Tint = (tone: Tone, text: string) => string;

/** Room for the longest label. */
const LEAD = 13;
export const TONES = { ACCEPT: 'good', REJECT: 'bad', INCONCLUSIVE: 'warn' } as const satisfies Record<string, Tone>;

const percent = (ppm: number): string => `${Math.round(ppm / 10_000)}%`;

/** "uniform: all 9 domains alike", or the domains with the largest shares. */
const allocated = ({ policy, weightsPpm }: DataOf<'CycleProposed'>['allocation']): string => {
  const shares = Object.entries(weightsPpm).sort((a, b) => b[1] - a[1]);
  if (policy === 'frozen') return 'frozen: nothing is trained';
  if (new Set(shares.map(([, ppm]) => percent(ppm))).size === 1) return `${policy}: all ${shares.length} domains alike`;
  const top = shares.slice(0, 3).map(([name, ppm]) => `${name} ${percent(ppm)}`);
  return `${policy}: mostly ${top.join(', ')}`;
};

const metricOf = (cycle: Cycle, subject: string, role: string, metric: string): number | undefined =>
  cycle.probes.find((probe) => probe.subject === subject && probe.role === role)?.metrics[metric];

/** What was measured on the items of this cycle, in one sentence. */
const probed = (cycle: Cycle): string => {
  const [now, was] = ['candidate', 'champion'].map((subject) => metricOf(cycle, subject, 'shadow', CAPABILITY_METRIC));
  const [text, before] = ['candidate', 'anchor'].map((subject) => metricOf(cycle, subject, 'gate', GENERAL_METRIC));
  const said = [
    now === undefined || was === undefined
      ? 'capability not measurable'
      : `capability ${share(now)} (${points(now - was)} on the champion)`,
    text === undefined || before === undefined
      ? 'general text not measurable'
      : `text ${bits(text)} bits/byte (${worsening(text, before)})`,
  ];
  const apart = (['shadow', 'reference'] as const).filter((which) => cycle[which]?.agreed === false);
  return [...said, ...apart.map((which) => `THE ${which.toUpperCase()} EVALUATOR DISAGREES`)].join('; ');
};

const value = (cycle: Cycle, metric: string, digits: number): string =>
  cycle.drift.find((drift) => drift.metric === metric)?.value?.toFixed(digits) ?? 'not finite';

const drifted = (cycle: Cycle): string => {
  const alarms = cycle.drift.filter(({ alarm }) => alarm).map(({ metric }) => metric);
  const alarm = alarms.length > 0 ? `; over its bound: ${alarms.join(', ')}` : '';
  const kl = `KL ${value(cycle, 'kl-to-champion', 4)} nats/byte to champion, ${value(cycle, 'kl-to-anchor', 4)} to anchor`;
  return `${kl}; weights moved ${share(Number(value(cycle, 'weight-distance-to-champion', 6)))}${alarm}`;
};

const updated = (data: DataOf<'UpdateProduced'>): string => {
  const { steps, tokens, lossFirstNats, lossLastNats, factor, env, replayable } = data;
  const word = replayable ? '' : '; not bit-replayable';
  const stepped = factor < 1 ? `; the trust region kept ${share(factor)} of the step` : '';
  const loss = `loss ${lossFirstNats.toFixed(3)} → ${lossLastNats.toFixed(3)} nats/byte`;
  return `${grouped(steps)} steps, ${grouped(tokens)} bytes, ${duration(env.elapsedMs / 1000)}; ${loss}${stepped}${word}`;
};

/** "english", "mine; updates also learn from english". */
export const textSentence = ({ general, texts }: Pick<RunConfig, 'general' | 'texts'>): string => {
  const more = texts.length === 0 ? '' : `; updates also learn from ${texts.join(', ')}`;
  return `general quality is measured on ${general}${more}`;
};

/** Tells a run, event by event, as lines a stranger can follow. Pure: the same events give the same lines. */
export class Narrator {
  private run: Run = { status: 'absent' };

  constructor(
    private readonly columns: number,
    private readonly tint: Tint = (_tone, text) => text,
  ) {}

  get state(): Run {
    return this.run;
  }

  /** The heading of the cycle that is under way, for who begins to listen in the middle of it. */
  recall(): readonly string[] {
    const { run } = this;
    if (run.status === 'absent') return [];
    const { proposal, ...cycle } = cycleOf(run, lastCycle(run));
    return proposal && !isClosed({ proposal, ...cycle }) ? ['', ...this.heading(run, proposal)] : [];
  }

  tell(event: RunEvent): readonly string[] {
    this.run = evolve(this.run, event);
    return this.run.status === 'absent' ? [] : this.lines(event, this.run);
  }

  private lines(event: RunEvent, run: Started): readonly string[] {
    switch (event.type) {
      case 'RunStarted':
        return this.opening(run);
      case 'UpdateProduced':
        return this.row(event.data.cycle === 0 ? 'base' : 'update', updated(event.data));
      case 'UpdateAborted':
        return event.data.message === LEFT_CHAMPION && isInterruption(event.data)
          ? []
          : this.row('aborted', this.aborted(event.data), 'warn');
      case 'AnchorEstablished':
        return this.row('anchor', this.anchored(event.data));
      case 'CycleProposed':
        return ['', ...this.heading(run, event.data)];
      case 'CycleRefused': {
        const [first] = event.data.violations;
        const why = first ? `${first.field} is ${first.value}; allowed: ${first.allowed}` : 'out of scope';
        return this.row('REFUSED', `before any training: ${why}`, 'bad');
      }
      case 'VerdictReached':
        return this.judged(cycleOf(run, event.data.cycle), event.data);
      default:
        return this.rare(event);
    }
  }

  private rare(event: RunEvent): readonly string[] {
    switch (event.type) {
      case 'CycleRecovered':
        return this.row('resumed', `cycle ${event.data.cycle} goes on from "${event.data.resumedFrom}"`);
      case 'CandidateInterpolated': {
        const { factor, parentCycle, candidate } = event.data;
        const what = `${share(factor)} of the way from the champion to the candidate of cycle ${parentCycle}; nothing is trained; ${short(candidate)}`;
        return this.row('rescue', what);
      }
      case 'RegimeBackedOff': {
        const { from, to, rejected } = event.data;
        const why = `${rejectedWords(rejected.length)}, so the regime pulls less from here on`;
        const what = `rate ${from.learningRate} → ${to.learningRate}, steps ${from.steps} → ${to.steps}`;
        return ['', ...this.row('back-off', `${why}: ${what}`, 'warn')];
      }
      case 'ChampionRolledBack': {
        const { from, to, reason } = event.data;
        return ['', ...this.row('rollback', `champion ${short(from)} → ${short(to)}: ${reason}`, 'warn')];
      }
      case 'RollbackVerified':
        return event.data.equal
          ? this.row('verified', 're-hashed and probed again: equal to what was recorded when it was accepted', 'good')
          : this.row('DIFFERENT', 'probed again: not equal to what was recorded when it was accepted', 'bad');
      case 'RunHalted':
        return ['', ...this.row('halted', `${event.data.reason} (${event.data.requester})`, 'warn')];
      case 'RunResumed':
        return ['', ...this.row('resumed', `${event.data.reason} (${event.data.requester})`)];
      case 'LookOpened': {
        const count = event.data.checkpoints.length;
        return [
          '',
          ...this.row(
            'report',
            `the report suite is opened, once: ${count === 1 ? 'one checkpoint is' : `${count} checkpoints are`} measured on it`,
          ),
        ];
      }
      case 'RunCompleted': {
        const { accepted, rejected, inconclusive, champion } = event.data;
        const counts = `${accepted} accepted, ${rejected} rejected, ${inconclusive} inconclusive`;
        return this.row('completed', `${counts}; champion ${short(champion)}`);
      }
      default:
        return [];
    }
  }

  private row(label: string, text: string, tone?: Tone): string[] {
    const lead = `  ${label}`.padEnd(LEAD + 2);
    const [first = '', ...more] = wrap(text, this.columns, lead);
    return [tone ? first.replace(label, this.tint(tone, label)) : first, ...more];
  }

  private opening({ config }: Started): string[] {
    const { model, cycles, seed, constitution, sequence } = config;
    const shape = `Mamba-2 on bytes, ${model.dModel} wide, ${model.layers} ${model.layers === 1 ? 'layer' : 'layers'}, ${sequence} bytes of context`;
    return [
      this.tint('bold', `Run ${config.run}`),
      ...this.row('model', shape),
      ...this.row('text', textSentence(config)),
      ...this.row(
        'plan',
        `${cycles} ${cycles === 1 ? 'cycle' : 'cycles'}, seed ${seed}, judged by constitution ${constitution.id} v${constitution.version}`,
      ),
    ];
  }

  private anchored({ checkpoint, parameters, source }: DataOf<'AnchorEstablished'>): string {
    const how = source === 'given' ? 'the checkpoint that was given' : 'the base';
    return `${how}, ${grouped(parameters)} parameters, ${short(checkpoint)}`;
  }

  private heading({ config }: Started, { cycle, trigger, regime, allocation }: DataOf<'CycleProposed'>): string[] {
    const [first = '', ...more] = wrap(
      trigger === 'rescue' ? 'the rejected candidate once more' : `${regime.label} regime; ${allocated(allocation)}`,
      this.columns,
      `Cycle ${cycle} of ${config.cycles}  `,
    );
    return [first.replace(/^Cycle \d+ of \d+/, (text) => this.tint('bold', text)), ...more];
  }

  private aborted(data: DataOf<'UpdateAborted'>): string {
    const { reason, step, message, cycle } = data;
    const after = isInterruption(data) ? 'it will be trained again' : `cycle ${cycle} ends here`;
    if (message.startsWith(reason)) return `${message}; ${after}`;
    return `${reason}${step === null ? '' : ` at step ${step}`}: ${message}; ${after}`;
  }

  private judged(cycle: Cycle, { verdict, summary }: DataOf<'VerdictReached'>): string[] {
    const { voided } = cycle;
    const measured = voided
      ? this.row('VOID', `evaluator ${voided.evaluator} failed (${voided.cause}): ${voided.reason}`, 'bad')
      : [...this.row('probes', probed(cycle)), ...this.row('drift', drifted(cycle))];
    return [...measured, ...this.row(verdict, summary, TONES[verdict])];
  }
}
