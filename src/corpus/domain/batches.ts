import { CorpusTooSmall, documentsOf, type Corpus } from './corpus.js';
import type { Family } from './family.js';
import { SequenceBlob } from './plsq.js';
import { Rng } from './random.js';

const MILLION = 1_000_000;

/** Weights over domains in millionths. */
export type WeightsPpm = Readonly<Record<string, number>>;

/** Which domains an update's sequences are of, in what shares. */
export type Mix = Readonly<{
  seed: string;
  /** 0 is the base training; every cycle has draws of its own. */
  cycle: number;
  steps: number;
  /** Sequences per step. */
  batch: number;
  /** Sums to 1,000,000 over names of corpora and families. */
  weightsPpm: WeightsPpm;
  /** Share of sequences drawn from the replay mix instead. */
  replayPpm: number;
  /** The replay mix: general text and remembered domains; sums to 1,000,000. Read only when replayPpm > 0. */
  replayWeightsPpm: WeightsPpm;
}>;

/** The update that a sequence was first part of, and its place there: with the run's seed all that it is drawn from. */
export type Origin = Readonly<{ cycle: number; index: number }>;

export type BatchRequest = Mix &
  Readonly<{
    /** Tokens per sequence, a multiple of 64. */
    sequence: number;
    corpora: readonly Corpus[];
    families: readonly Family[];
    /** By domain: what replayed sequences of it are. Of a domain that has none here they are new. */
    remembered?: Readonly<Record<string, readonly Origin[]>>;
  }>;

/** A sequence of an update before it is drawn; `word` is uniform on 0 .. 2^32 - 1 and independent of the others. */
export type PlannedSequence = Readonly<{ index: number; domain: string; replayed: boolean; word: number }>;

/** A PLSQ blob of steps x batch sequences, and how many of them each domain gave. */
export type Composed = Readonly<{ bytes: Uint8Array; sequences: number; perDomain: Readonly<Record<string, number>> }>;

type Source = (rng: Rng, blob: SequenceBlob) => void;

/** Every start of T + 1 bytes inside one training document is equally likely. @throws CorpusTooSmall */
const textSource = (corpus: Corpus, sequence: number): Source => {
  const usable = documentsOf(corpus, 'train').filter((document) => document.bytes > sequence);
  const ends = new Float64Array(usable.length);
  const starts = usable.reduce((sum, document, at) => (ends[at] = sum + document.bytes - sequence), 0);
  if (starts === 0)
    throw new CorpusTooSmall(`corpus ${corpus.name}: no training document holds ${sequence + 1} bytes; give more text`);
  return (rng, blob) => {
    // 53 bits, since a large corpus has more starts than one word counts evenly.
    const place = Math.floor(((rng.next() * 2 ** 21 + (rng.next() >>> 11)) / 2 ** 53) * starts);
    let [low, high] = [0, usable.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] as number) > place) high = middle;
      else low = middle + 1;
    }
    const document = usable[low] as (typeof usable)[number];
    const start = document.offset + place - (low === 0 ? 0 : (ends[low - 1] as number));
    blob.addText(corpus.text.subarray(start, start + sequence + 1));
  };
};

/** Domain of a draw below 1,000,000. */
const chooser = (weights: WeightsPpm, what: string): ((draw: number) => string) => {
  const names = Object.keys(weights).sort();
  const total = names.reduce((sum, name) => sum + (weights[name] as number), 0);
  const wrong = names.find((name) => !Number.isInteger(weights[name]) || (weights[name] as number) < 0);
  if (wrong !== undefined) throw new RangeError(`${what}.${wrong}: ${weights[wrong]} is no whole number of millionths`);
  if (total !== MILLION) throw new RangeError(`${what}: sums to ${total}, must be 1000000`);
  return (draw) => {
    let left = draw;
    return names.find((name) => (left -= weights[name] as number) < 0) as string;
  };
};

/** The domain of every sequence of an update: sequence i takes it from the draws of branch i of (seed, "domain", cycle). */
export function* planSequences(mix: Mix): Generator<PlannedSequence> {
  const { replayPpm } = mix;
  if (!Number.isInteger(replayPpm) || replayPpm < 0 || replayPpm > MILLION)
    throw new RangeError(`replayPpm: ${replayPpm}, must be a whole number from 0 to 1000000`);
  const choose = chooser(mix.weightsPpm, 'weightsPpm');
  const chooseReplay = replayPpm > 0 ? chooser(mix.replayWeightsPpm, 'replayWeightsPpm') : choose;
  const domains = Rng.from(mix.seed, 'domain', mix.cycle);
  for (let index = 0; index < mix.steps * mix.batch; index += 1) {
    const draws = domains.branch(index);
    const replayed = draws.below(MILLION) < replayPpm;
    const domain = (replayed ? chooseReplay : choose)(draws.below(MILLION));
    yield { index, domain, replayed, word: draws.next() };
  }
}

type Drawing = Pick<BatchRequest, 'seed' | 'sequence' | 'corpora' | 'families'>;

/**
 * Draws sequences into a blob: the one of place i of a cycle's update from branch i of (seed, "content", cycle, domain).
 * So arms that give a sequence the same domain give it the same content, whatever their other weights are.
 */
export const drawInto = (blob: SequenceBlob, drawing: Drawing): ((domain: string, origin: Origin) => void) => {
  const sources = new Map<string, Source>();
  const streams = new Map<string, Rng>();
  return (domain, { cycle, index }) => {
    const source = sources.get(domain) ?? open(drawing, domain);
    sources.set(domain, source);
    const name = `${cycle} ${domain}`;
    const stream = streams.get(name) ?? Rng.from(drawing.seed, 'content', cycle, domain);
    streams.set(name, stream);
    source(stream.branch(index), blob);
  };
};

/** Training sequences of one update: new ones, and of replayed domains that are remembered some that were drawn before. */
export const composeBatches = (request: BatchRequest): Composed => {
  const blob = new SequenceBlob(request.steps * request.batch, request.sequence);
  const perDomain: Record<string, number> = {};
  const draw = drawInto(blob, request);
  for (const { index, domain, replayed, word } of planSequences(request)) {
    const held = (replayed && request.remembered?.[domain]) || [];
    draw(domain, held[Math.floor((word * held.length) / 2 ** 32)] ?? { cycle: request.cycle, index });
    perDomain[domain] = (perDomain[domain] ?? 0) + 1;
  }
  return { bytes: blob.finish(), sequences: blob.count, perDomain };
};

const open = (request: Drawing, domain: string): Source => {
  const family = request.families.find((candidate) => candidate.name === domain);
  if (family) return (rng, blob) => blob.add(family.generate(rng, request.sequence));
  const corpus = request.corpora.find((candidate) => candidate.name === domain);
  if (corpus) return textSource(corpus, request.sequence);
  const known = [...request.corpora, ...request.families].map((candidate) => candidate.name).join(', ');
  throw new RangeError(`domain "${domain}" is neither a corpus nor a family of this run; there are ${known}`);
};

export type GeneralRequest = Readonly<{
  seed: string;
  cycle: number;
  /** What the sequences are for: each purpose ("general", "sentinel") has draws of its own. */
  purpose: string;
  count: number;
  sequence: number;
  corpus: Corpus;
}>;

/** PLSQ of `count` windows of general training text, every position scored: for the KL term and the sentinel. */
export const composeGeneral = (request: GeneralRequest): Uint8Array => {
  const source = textSource(request.corpus, request.sequence);
  const rng = Rng.from(request.seed, request.purpose, request.cycle);
  const blob = new SequenceBlob(request.count, request.sequence);
  for (let index = 0; index < request.count; index += 1) source(rng.branch(index), blob);
  return blob.finish();
};
