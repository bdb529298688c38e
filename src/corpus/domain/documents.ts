import type { Corpus, DocumentPlace } from './corpus.js';
import { SPLITS, type Split } from './events.js';
import { hash128 } from './hash128.js';
import { NearCopies } from './shingles.js';

/** Text of one file as UTF-8 with LF line ends. */
export type TextFile = Readonly<{ name: string; bytes: Uint8Array }>;

export type Shares = Readonly<Record<Split, number>>;

export type CutOptions = Readonly<{
  /** Percent of the documents per split, summing to 100. */
  shares: Shares;
  /** Bytes left out between two blocks of one file that go to different splits. */
  gapBytes: number;
}>;

/** Text suites need many documents: verdicts on text are drawn from the gate split, and shadow items are generated. */
export const DEFAULT_CUT: CutOptions = {
  shares: { train: 64, scout: 4, gate: 20, shadow: 0, report: 12 },
  gapBytes: 128,
};

export type CutCorpus = Readonly<{
  corpus: Corpus;
  blockBytes: number;
  gapBytes: number;
  duplicatesLeftOut: number;
  tinyLeftOut: number;
}>;

const LF = 10;
const AIMED_DOCUMENTS = 2000;
const SMALLEST_BLOCK = 1024;
const LARGEST_BLOCK = 4096;
/** Less than this is no document of its own: it cannot hold a window of training text. */
const LEAST_BYTES = 129;

/** About 4 KiB, less in a small corpus so that its suites still get documents enough, never under 1 KiB. */
export const blockBytesFor = (totalBytes: number): number =>
  Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, Math.ceil(totalBytes / AIMED_DOCUMENTS)));

const lineEnd = (bytes: Uint8Array, from: number, to: number, blank: boolean): number => {
  for (let at = from; at < to; at += 1) if (bytes[at - 1] === LF && (!blank || bytes[at - 2] === LF)) return at;
  return -1;
};

const characterStart = (bytes: Uint8Array, at: number): number => {
  let start = at;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
};

/** End of the block that begins at `start`: a blank line if one is near, else a line end, else a character's end. */
const blockEnd = (bytes: Uint8Array, start: number, blockBytes: number): number => {
  const most = start + blockBytes + (blockBytes >>> 1);
  if (bytes.length <= most) return bytes.length;
  const blank = lineEnd(bytes, start + blockBytes, most, true);
  if (blank > 0) return blank;
  const line = lineEnd(bytes, start + blockBytes, most, false);
  return line > 0 ? line : characterStart(bytes, most);
};

/** Blocks of a file, in order and without a gap; one block for a file of up to one and a half block sizes. */
export const cutBlocks = (bytes: Uint8Array, blockBytes: number): readonly Uint8Array[] => {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = blockEnd(bytes, start, blockBytes);
    blocks.push(bytes.subarray(start, end));
    start = end;
  }
  return blocks;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Joins files too small to be documents, in their order and with a blank line between, until they are large enough. */
const mergeTiny = (files: readonly TextFile[], least: number): readonly TextFile[] => {
  const merged: TextFile[] = [];
  let open: TextFile[] = [];
  const close = (): void => {
    const [first] = open;
    if (!first) return;
    const parts = open.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [Uint8Array.of(LF, LF), bytes]));
    const name = open.length === 1 ? first.name : `${first.name} and ${open.length - 1} more`;
    merged.push({ name, bytes: joined(parts) });
    open = [];
  };
  for (const file of files) {
    if (file.bytes.length >= least) merged.push(file);
    else if (file.bytes.length > 0) open.push(file);
    if (open.reduce((sum, { bytes }) => sum + bytes.length, 0) >= least) close();
  }
  close();
  return merged;
};

/** The split a document belongs to: by its own bytes, so that other documents never move it. */
export const splitOf = (bytes: Uint8Array, shares: Shares): Split => {
  let left = Math.floor((hash128(bytes)[0] / 4294967296) * 100);
  return SPLITS.find((split) => (left -= shares[split]) < 0) as Split;
};

type Placed = Readonly<{ name: string; bytes: Uint8Array; split: Split }>;

const cutFile = (file: TextFile, blockBytes: number, { shares, gapBytes }: CutOptions): readonly Placed[] => {
  const blocks = cutBlocks(file.bytes, blockBytes);
  const splits = blocks.map((bytes) => splitOf(bytes, shares));
  return blocks.map((bytes, at) => {
    const next = splits[at + 1] ?? splits[at];
    const end = next === splits[at] ? bytes.length : characterStart(bytes, Math.max(0, bytes.length - gapBytes));
    const name = blocks.length === 1 ? file.name : `${file.name}#${at}`;
    return { name, bytes: bytes.subarray(0, end), split: splits[at] as Split };
  });
};

const checkOptions = ({ shares, gapBytes }: CutOptions): void => {
  const values = SPLITS.map((split) => shares[split]);
  if (values.some((share) => !Number.isInteger(share) || share < 0) || values.reduce((a, b) => a + b, 0) !== 100)
    throw new RangeError(`shares ${values.join('/')}: must be whole percents that sum to 100`);
  if (!Number.isInteger(gapBytes) || gapBytes < 0) throw new RangeError(`gapBytes: ${gapBytes}, must be 0 or more`);
};

/** Cuts files into documents, leaves copies and near-copies out, and gives every document its split. */
export const cutCorpus = (name: string, files: readonly TextFile[], options: CutOptions = DEFAULT_CUT): CutCorpus => {
  checkOptions(options);
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const blockBytes = blockBytesFor(total);
  const copies = new NearCopies(total);
  const exact = new Set<string>();
  let [duplicatesLeftOut, tinyLeftOut, offset] = [0, files.filter(({ bytes }) => bytes.length === 0).length, 0];
  const kept: Uint8Array[] = [];
  const documents: DocumentPlace[] = [];
  for (const file of mergeTiny(files, blockBytes >>> 1)) {
    for (const { name: document, bytes, split } of cutFile(file, blockBytes, options)) {
      const hash = hash128(bytes).join();
      if (bytes.length < LEAST_BYTES) tinyLeftOut += 1;
      else if (exact.has(hash) || copies.isCopy(bytes)) duplicatesLeftOut += 1;
      else {
        exact.add(hash);
        kept.push(bytes);
        documents.push({ name: document, offset, bytes: bytes.length, split });
        offset += bytes.length;
      }
    }
  }
  const corpus = { name, text: joined(kept), documents };
  return { corpus, blockBytes, gapBytes: options.gapBytes, duplicatesLeftOut, tinyLeftOut };
};
