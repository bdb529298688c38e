import { Refused } from '#ledger/decider.js';
import { decode } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { constitutionStream } from './domain/constitution.js';
import type { Constitution } from './domain/document.js';
import type { ConstitutionEvent } from './domain/events.js';

/** A version as it was put in force: by whom, when (RFC 3339), and for an amendment why and with whose signatures. */
export type KnownVersion = Readonly<{
  version: number;
  since: string;
  by: string;
  reason: string | null;
  signers: readonly string[];
  changes: readonly Readonly<{ path: string; before: string | null; after: string | null }>[];
  document: Constitution;
}>;
export type KnownConstitution = Readonly<{ constitution: string; versions: readonly KnownVersion[] }>;

const amendment = ({ type, data }: ConstitutionEvent): Pick<KnownVersion, 'reason' | 'signers' | 'changes'> =>
  type === 'ConstitutionEnacted'
    ? { reason: null, signers: [], changes: [] }
    : { reason: data.reason, signers: data.signatures.map(({ name }) => name), changes: data.changes };

/** Every constitution with all its versions, in the order they were enacted. */
export const knownConstitutions = async (log: Log): Promise<readonly KnownConstitution[]> => {
  const known = new Map<string, KnownVersion[]>();
  const prefix = `${constitutionStream.name}-`;
  for await (const { record } of log.readAll({ streamPrefix: prefix })) {
    const event = decode(constitutionStream.events, record);
    const { version, document } = event.data;
    const found = { version, since: record.recordedAt, by: record.actor.id, ...amendment(event), document };
    const id = record.stream.slice(prefix.length);
    known.set(id, [...(known.get(id) ?? []), found]);
  }
  return [...known].map(([constitution, versions]) => ({ constitution, versions }));
};

/** @throws Refused, naming those there are */
export const findVersion = async (log: Log, id: string, version?: number): Promise<KnownVersion> => {
  const all = await knownConstitutions(log);
  const found = all.find(({ constitution }) => constitution === id);
  if (!found) {
    const names = all.map(({ constitution }) => constitution);
    throw new Refused(
      `constitution "${id}" does not exist; there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none'}`,
    );
  }
  const one = version === undefined ? found.versions.at(-1) : found.versions[version - 1];
  if (one) return one;
  throw new Refused(`constitution "${id}" has no version ${version}; it has 1 to ${found.versions.length}`);
};
