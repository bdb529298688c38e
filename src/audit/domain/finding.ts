/** What can be wrong with a log, in the order a reader should look at them. */
export const FINDING_KINDS = [
  'byte change',
  'order swap',
  'gap',
  'insertion',
  'truncation',
  'malformed',
  'artifact changed',
  'artifact missing',
  'root mismatch',
  'checkpoint invalid',
  'judged otherwise',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is not as it was written. `position`: where in the log, null where it cannot be told. */
export type Finding = Readonly<{ position: number | null; kind: FindingKind; message: string }>;

/** What was verified, and everything that was found wrong: first position first, none when `ok`. */
export type Verification = Readonly<{
  ok: boolean;
  events: number;
  /** RFC 6962 root over all records, hex. */
  root: string;
  streams: number;
  /** Distinct artifacts whose bytes were hashed, and how many bytes they have. */
  artifacts: number;
  artifactBytes: number;
  /** Artifacts that are named and not here, and nothing says why; each is a finding. */
  missing: number;
  /** Artifacts that are named and gone, by decisions that the log has. */
  erased: number;
  /** Records that a signed checkpoint vouches for one by one; a change after them shows only in their structure. */
  signed: number;
  findings: readonly Finding[];
  /** Findings beyond the first ones, which are not listed. */
  findingsLeftOut: number;
}>;

const FINDINGS_KEPT = 100;

export const inReadingOrder = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (a, b) =>
      (a.position ?? Infinity) - (b.position ?? Infinity) ||
      FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind),
  );

export const verification = (
  counts: Omit<Verification, 'ok' | 'missing' | 'findings' | 'findingsLeftOut'>,
  findings: readonly Finding[],
): Verification => ({
  ...counts,
  ok: findings.length === 0,
  missing: findings.filter(({ kind }) => kind === 'artifact missing').length,
  findings: inReadingOrder(findings).slice(0, FINDINGS_KEPT),
  findingsLeftOut: Math.max(0, findings.length - FINDINGS_KEPT),
});

/** One thing that came out otherwise when a run was judged again. */
export type Disagreement = Readonly<{ run: string; cycle: number; what: string; recorded: string; recomputed: string }>;

/** A record that no rule would have written where it stands, and why. */
export type Unlawful = Readonly<{ stream: string; revision: number; type: string; because: string }>;

/** What people decided (keys, constitutions, amendments, resets of an anchor), decided again. */
export type Approvals = Readonly<{ checked: number; unlawful: readonly Unlawful[] }>;

export type Verdicts = Readonly<{
  judged: number;
  agreed: number;
  disagreements: readonly Disagreement[];
  /** Runs whose verdicts could not be recomputed, and why. */
  unjudged: readonly Readonly<{ run: string; message: string }>[];
  /** What cannot be judged again since its evidence was erased, and by whose decision. */
  erased: readonly Readonly<{ run: string; message: string }>[];
  approvals: Approvals;
}>;

/** A verification of the records together with what came of judging every run again. */
export type Verified = Verification & Readonly<{ verdicts: Verdicts }>;

export const verified = (found: Verification, verdicts: Verdicts): Verified => ({
  ...found,
  ok:
    found.ok &&
    verdicts.disagreements.length === 0 &&
    verdicts.unjudged.length === 0 &&
    verdicts.approvals.unlawful.length === 0,
  verdicts,
});
