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

export type Amendment = Readonly<{
  document: Constitution;
  reason: string;
  approvals: readonly string[];
  by: 'human' | 'service' | 'trainer' | 'evaluator' | 'policy';
}>;

/** A new version beside the old ones. Only a person may amend; PROCEDURAL rules of the version in force say how many agree. */
export const amendConstitution =
  ({ document, reason, approvals, by }: Amendment): Decided =>
  (state) => {
    const current = state.versions.at(-1);
    if (!current) throw new Refused('there is no constitution to amend: enact one first');
    if (by !== 'human') throw new Refused(`a ${by} asked to amend the constitution: only a human may`);
    const asked = current.rules.map((rule) => (rule.kind === 'PROCEDURAL' ? rule.atLeast : 0));
    const needed = asked.reduce((most, count) => (count > most ? count : most), 0);
    const distinct = new Set(approvals).size;
    if (distinct < needed) throw new Refused(`the amendment has ${distinct} approvals: ${needed} are needed`);
    const next = checked(document);
    const changes = differences('', current, next);
    if (changes.length === 0) throw new Refused('the amendment changes nothing');
    const version = state.versions.length + 1;
    return [ConstitutionAmended.of({ version, document: next, changes, reason, approvals: [...approvals] })];
  };

type Change = { path: string; before: string | null; after: string | null };

const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Rules are compared by name, so that moving one in the list is no change. */
const keyed = (value: unknown): unknown =>
  Array.isArray(value) && value.every((entry) => isObject(entry) && 'rule' in entry)
    ? Object.fromEntries(value.map((entry: { rule: string }) => [entry.rule, entry]))
    : value;

const differences = (path: string, before: unknown, after: unknown): Change[] => {
  const [old, now] = [keyed(before), keyed(after)];
  if (!isObject(old) || !isObject(now) || Array.isArray(old) || Array.isArray(now))
    return text(old) === text(now) ? [] : [{ path, before: text(old), after: text(now) }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return keys.flatMap((key) => differences(path === '' ? key : `${path}.${key}`, old[key], now[key]));
};
