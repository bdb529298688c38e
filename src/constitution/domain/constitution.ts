import { approve, type Authority, type Signed, type Signing, type Statement } from '#key/domain/signing.js';
import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import { constitutionSchema, type Constitution } from './document.js';
import { ConstitutionAmended, ConstitutionEnacted, constitutionEvents, type ConstitutionEvent } from './events.js';

/** Every version ever in force, first to latest; `versions[n - 1]` is version n and never changes. */
export type ConstitutionState = Readonly<{ versions: readonly Constitution[] }>;
type Decided = Decision<ConstitutionState, (typeof constitutionEvents)[number]>;

export const constitutionStream: Stream<ConstitutionState, (typeof constitutionEvents)[number]> = {
  name: 'constitution',
  events: constitutionEvents,
  initial: { versions: [] },
  evolve: (state, event: ConstitutionEvent) => ({ versions: [...state.versions, event.data.document] }),
};

/** The document at a version (1 is the first), or the latest. */
export const constitutionAt = (state: ConstitutionState, version = state.versions.length): Constitution => {
  const found = state.versions[version - 1];
  if (!found) throw new Refused(`constitution version ${version} does not exist: there are ${state.versions.length}`);
  return found;
};

/** The latest version that says exactly this; undefined when none does. */
export const versionOf = ({ versions }: ConstitutionState, document: Constitution): number | undefined => {
  const at = versions.findLastIndex((version) => differences('', version, document).length === 0);
  return at < 0 ? undefined : at + 1;
};

const checked = (document: Constitution): Constitution => {
  const result = constitutionSchema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refused(`constitution: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
};

export const enactConstitution =
  (document: Constitution): Decided =>
  (state) => {
    if (state.versions.length > 0)
      throw new Refused(`the constitution is enacted already, at version ${state.versions.length}: amend it instead`);
    return [ConstitutionEnacted.of({ version: 1, document: checked(document) })];
  };

/** How many people must sign what goes beyond the document: PROCEDURAL rules say so, and one is always needed. */
export const signersNeeded = ({ rules }: Constitution): number =>
  rules.reduce((most, rule) => (rule.kind === 'PROCEDURAL' && rule.atLeast > most ? rule.atLeast : most), 1);

export type Proposed = Readonly<{ document: Constitution; reason: string }>;

/** What people sign who agree to an amendment of the version in force. */
export const amendmentStatement = (
  { versions }: ConstitutionState,
  { document, reason }: Proposed,
  digest: Signing['digest'],
): Statement => ({
  purpose: 'prometheus-ledger/amend-constitution/1',
  constitution: document.name,
  from: versions.length,
  to: versions.length + 1,
  document: digest(document),
  reason,
});

/** A new version beside the old ones, signed by as many people as the version in force asks for. */
export const amendConstitution =
  (
    { document, reason, signatures: given }: Proposed & Readonly<{ signatures: readonly Signed[] }>,
    authority: Authority,
  ): Decided =>
  (state) => {
    if (state.versions.length === 0) throw new Refused('there is no constitution to amend: enact one first');
    const [current, next] = [constitutionAt(state), checked(document)];
    const statement = amendmentStatement(state, { document: next, reason }, authority.signing.digest);
    const changes = [...changesBetween(current, next)];
    if (changes.length === 0) throw new Refused('the amendment changes nothing');
    const signatures = [...approve(authority, statement, given, signersNeeded(current))];
    return [
      ConstitutionAmended.of({ version: state.versions.length + 1, document: next, changes, reason, signatures }),
    ];
  };

/** A field that differs: its path, and both sides as JSON text; null where it is absent. */
export type Change = { path: string; before: string | null; after: string | null };

const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Rules are compared by name, so that moving one in the list is no change. */
const keyed = (value: unknown): unknown =>
  Array.isArray(value) && value.every((entry) => isObject(entry) && 'rule' in entry)
    ? Object.fromEntries(value.map((entry: { rule: string }) => [entry.rule, entry]))
    : value;

/** What differs between two values, field by field; `path` is where they stand. */
export const differences = (path: string, before: unknown, after: unknown): Change[] => {
  const [old, now] = [keyed(before), keyed(after)];
  if (!isObject(old) || !isObject(now) || Array.isArray(old) || Array.isArray(now))
    return text(old) === text(now) ? [] : [{ path, before: text(old), after: text(now) }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return keys.flatMap((key) => differences(path === '' ? key : `${path}.${key}`, old[key], now[key]));
};

/** What differs between two documents, field by field and rule by rule. */
export const changesBetween = (before: Constitution, after: Constitution): readonly Change[] =>
  differences('', before, after);
