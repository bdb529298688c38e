/** A record that something said follows from. */
export type Cite = Readonly<{ stream: string; revision: number; position: number }>;

export const TONES = ['good', 'bad', 'open', 'plain'] as const;
export type Tone = (typeof TONES)[number];

/** One thing said, with the records that it follows from. */
export type Sentence = Readonly<{ text: string; cites: readonly Cite[] }>;

export type Row = Readonly<{ cells: readonly string[]; cites: readonly Cite[]; tone?: Tone }>;
/** `right`: columns of numbers; `toned`: the one whose words have the row's tone. The first column names the row. */
export type Table = Readonly<{
  caption: string;
  head: readonly string[];
  right: readonly number[];
  toned?: number;
  rows: readonly Row[];
}>;

/** A picture with the numbers in it as a table, for whoever does not see it. */
export type Figure = Readonly<{
  /** Of its file, without the ending. */
  name: string;
  title: string;
  says: string;
  svg: string;
  table: Table;
}>;

export type Block =
  | Readonly<{ kind: 'section' | 'heading'; id: string; text: string }>
  | Readonly<{ kind: 'lead'; sentence: Sentence }>
  | Readonly<{ kind: 'said'; sentences: readonly Sentence[]; tone?: Tone }>
  | Readonly<{ kind: 'list'; items: readonly Sentence[] }>
  | Readonly<{ kind: 'table'; table: Table }>
  | Readonly<{ kind: 'figure'; figure: Figure }>
  | Readonly<{ kind: 'commands'; lines: readonly string[] }>;

/** A report before it is written out in any format. */
export type Report = Readonly<{
  experiment: string;
  /** Position of the last record that it says anything of. */
  asOf: number;
  blocks: readonly Block[];
}>;

export const section = (id: string, text: string): Block => ({ kind: 'section', id, text });
export const heading = (id: string, text: string): Block => ({ kind: 'heading', id, text });
export const said = (...sentences: readonly Sentence[]): Block => ({ kind: 'said', sentences });
export const sentence = (text: string, ...cites: readonly Cite[]): Sentence => ({ text, cites });

/** What others wrote, with a stop at its end. */
export const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** "76 k parameters", "1.2 M parameters". */
export const sizeOf = (parameters: number): string => {
  if (parameters < 1_000) return `${parameters} parameters`;
  const [share, unit] = parameters < 1e6 ? [parameters / 1e3, 'k'] : [parameters / 1e6, 'M'];
  return `${share.toFixed(share < 10 ? 1 : 0)} ${unit} parameters`;
};
