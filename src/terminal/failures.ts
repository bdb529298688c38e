/** What a person can put right. The message says what and where; any other error is a fault of the program. */
const EXPECTED = new Set([
  'Refused',
  'InvalidRequest',
  'UnreadableCorpus',
  'BadInput',
  'CorpusTooSmall',
  'DemoIncomplete',
  'EvaluatorFailed',
  'UpdateFailed',
  'NotText',
  'SuiteTooSmall',
  'LogInUse',
  'LogUnwritable',
  'LogDamaged',
  'LogAbsent',
  'LogClosed',
  'LogUnreachable',
  'StoreAddressInvalid',
  'FolderOfAnotherLog',
  'CannotListen',
  'GroupsUnreadable',
  'ArtifactDamaged',
  'ArtifactGone',
  'ArtifactMissing',
  'ArtifactUnwritable',
  'MalformedEvent',
  'MalformedRecord',
  'MalformedTraces',
  'NotCanonical',
  'RecordTooLarge',
  'WrongExpectedRevision',
  'IdConflict',
  'CheckpointBroken',
  'KeyUnusable',
  'NotSigned',
  'TileInvalid',
  'KeptTextUnusable',
  'WitnessAway',
  'WitnessRefused',
  'NoteInvalid',
  'NativeUnavailable',
  'NoPlaceForFolder',
  'ServiceRefused',
  'ServiceUnreachable',
  'CommandConflict',
  'BeyondCheckpoint',
  'NoExport',
]);

/** What was typed, or a file that was named, cannot be used. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

export const OK = 0;
export const CHECK_FAILED = 1;
export const BAD_INPUT = 2;
export const INTERRUPTED = 130;

/** The native trainer's own words for what cannot be done here or with this input. */
const OF_THE_MACHINE = new Set(['TRAINER_INVALID', 'TRAINER_MISSING', 'TRAINER_UNAVAILABLE', 'TRAINER_BUSY']);

export type Failure = Readonly<{ name: string; message: string; fault: boolean }>;

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read or written by you',
  EPERM: 'may not be read or written by you',
  EROFS: 'is on a read-only disk',
  ENOSPC: 'has no space left on its disk',
  EISDIR: 'is a folder, a file is needed',
  ENOTDIR: 'has a file where a folder is needed',
};

/** One line about an error, and whether it is the program's own fault. */
export const describeFailure = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { name: 'Error', message: oneLine(String(error)), fault: true };
  const { code, path } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : SYSTEM[code];
  if (known) {
    const message = path ? `${path}: ${known}` : `a file or folder that was named ${known}`;
    return { name: code ?? error.name, message, fault: false };
  }
  const ours = EXPECTED.has(error.name) || OF_THE_MACHINE.has(code ?? '');
  return { name: error.name, message: oneLine(error.message), fault: !ours };
};
