import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { InvalidRequest, type Misfit } from './dispatch.js';

/** RFC 9457: what went wrong, for programs (`type`, `status`) and for people (`detail`). */
export class Problem {
  @ApiProperty({ example: 'urn:prometheus-ledger:problem:refused' })
  readonly type!: string;
  @ApiProperty({ example: 'The present state does not allow this' })
  readonly title!: string;
  @ApiProperty({ type: 'integer', example: 409 })
  readonly status!: number;
  @ApiProperty({ description: 'what, where, and how to put it right' })
  readonly detail!: string;
  @ApiProperty({ description: 'the path that was asked for' })
  readonly instance!: string;
  @ApiPropertyOptional({ description: 'the field of the request that is meant' })
  readonly field?: string;
  @ApiPropertyOptional({ description: 'the value given, as JSON' })
  readonly value?: string;
  @ApiPropertyOptional({ description: 'what is allowed there' })
  readonly allowed?: string;
}

/** An error of a door itself: its status, the name of its kind, and what to do. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly status: number,
    /** Kebab-case; the last part of the problem's type. */
    readonly kind: string,
    readonly title: string,
    detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** Nothing of that name is here. The message says what was asked for and where to look. */
export class NotFound extends HttpProblem {
  constructor(detail: string) {
    super(404, 'not-found', 'There is no such thing', detail);
  }
}

type Kind = readonly [status: number, kind: string, title: string];

/** Our named errors, as HTTP says them. */
const KINDS: Readonly<Record<string, Kind>> = {
  Refused: [409, 'refused', 'The present state does not allow this'],
  WrongExpectedRevision: [409, 'moved-on', 'Somebody else was faster'],
  IdConflict: [409, 'id-conflict', 'This event is in the log already, with other content'],
  CommandConflict: [422, 'key-reused', 'The Idempotency-Key was used for another command'],
  UnreadableCorpus: [422, 'unreadable-corpus', 'The text cannot be read'],
  CorpusTooSmall: [422, 'corpus-too-small', 'There is too little text'],
  SuiteTooSmall: [422, 'suite-too-small', 'There is too little text for the suites'],
  NotText: [422, 'not-text', 'This is no text'],
  RecordTooLarge: [422, 'record-too-large', 'This is too large for an event'],
  MalformedEvent: [422, 'malformed-event', 'This does not fit its event'],
  NotCanonical: [422, 'not-canonical', 'This cannot be recorded exactly'],
  ArtifactMissing: [404, 'artifact-missing', 'There is no such artifact'],
  WitnessAway: [503, 'witness-away', 'The witness of the log does not answer'],
  WitnessRefused: [409, 'witness-refused', 'The witness of the log does not co-sign'],
  CheckpointBroken: [409, 'checkpoint-broken', 'The log is not what was signed'],
  KeyUnusable: [409, 'key-unusable', 'The key of the log cannot be used'],
  NotSigned: [404, 'not-signed', 'So much is not signed yet'],
  ArtifactGone: [410, 'artifact-erased', 'This artifact was erased'],
  ArtifactDamaged: [500, 'artifact-damaged', 'An artifact is damaged'],
  ArtifactUnwritable: [507, 'unwritable', 'The disk cannot be written'],
  LogUnwritable: [507, 'unwritable', 'The disk cannot be written'],
  LogDamaged: [500, 'log-damaged', 'The log is damaged'],
  LogInUse: [503, 'log-in-use', 'Another process writes to this data folder'],
  LogAbsent: [503, 'log-absent', 'There is no log yet'],
  LogUnreachable: [503, 'log-away', 'The store that holds the log does not answer'],
  LogClosed: [503, 'stopping', 'The service is stopping'],
  SqlAway: [503, 'database-away', 'The database of the read models does not answer'],
  SqlInUse: [503, 'database-in-use', 'Another service writes into the database of the read models'],
  SqlUnusable: [503, 'database-unusable', 'The database of the read models cannot be made'],
  EvaluatorFailed: [503, 'evaluator-failed', 'The evaluator failed'],
  NativeUnavailable: [503, 'native-unavailable', 'The native trainer is not built'],
};

/** Errors of the disk that come without a name of ours. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** Node's word for a request whose client went away before all of it had come. Nobody hears the answer. */
const isCutOff = ({ code, message }: Error & { code?: unknown }): boolean =>
  code === 'ECONNRESET' && message === 'aborted';

const STATUS_TITLES: Readonly<Record<number, Kind>> = {
  400: [400, 'malformed', 'The request cannot be read'],
  401: [401, 'unauthenticated', 'Who are you?'],
  403: [403, 'forbidden', 'This is not for you'],
  404: [404, 'not-found', 'There is no such thing'],
  405: [405, 'method', 'This method does nothing here'],
  406: [406, 'not-acceptable', 'This cannot be answered in that form'],
  408: [408, 'too-slow', 'The request took too long to arrive'],
  409: [409, 'refused', 'The present state does not allow this'],
  411: [411, 'length', 'The length is missing'],
  413: [413, 'too-large', 'The request is too large'],
  414: [414, 'too-long', 'The path is too long'],
  415: [415, 'media-type', 'This media type is not understood'],
  422: [422, 'invalid', 'The request says something impossible'],
  429: [429, 'too-many', 'Too many requests'],
  503: [503, 'unavailable', 'The service cannot do this now'],
};

const FAULT: Kind = [500, 'fault', 'A fault of the program'];

/** What to do about a refusal by Fastify or Nest, whose own words say only that there is one. */
const ADVICE: Readonly<Record<number, string>> = {
  413: 'at most 1 MiB of JSON is read; large bytes go to the routes for artifacts',
  415: 'send JSON with "Content-Type: application/json"',
};

type Told = Readonly<{ status: number; kind: string; title: string; detail: string; misfit?: Misfit | undefined }>;

type Outside = Readonly<{
  statusCode?: unknown;
  code?: unknown;
  getStatus?: () => number;
  response?: Readonly<{ message?: unknown }>;
}>;

const told = ([status, kind, title]: Kind, detail: string, misfit?: Misfit): Told => ({
  status,
  kind,
  title,
  detail,
  misfit,
});

const ofOutside = (error: Error & Outside): Told => {
  const code = String(error.code ?? '');
  if (FULL.has(code)) return told([507, 'unwritable', 'The disk cannot be written'], `${error.message}; free space`);
  if (isCutOff(error)) return told([400, 'cut-off', 'The request was cut off'], 'the client went away half way');
  const status = Number(error.getStatus?.() ?? error.statusCode ?? 500);
  const kind = STATUS_TITLES[status];
  if (!kind || status >= 500) return kind ? told(kind, error.message) : told(FAULT, 'see the log of the service');
  const advice = ADVICE[status];
  return told(kind, advice === undefined ? error.message : `${error.message}; ${advice}`);
};

const tell = (error: unknown): Told => {
  if (!(error instanceof Error)) return told(FAULT, 'see the log of the service');
  if (error instanceof HttpProblem) return told([error.status, error.kind, error.title], error.message);
  if (error instanceof InvalidRequest) return told(STATUS_TITLES[error.status] ?? FAULT, error.message, error.misfit);
  const named = KINDS[error.name];
  return named ? told(named, error.message) : ofOutside(error);
};

const inJson = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));

/** The problem an error is. `instance` is the path asked for, without its query. */
export const problemOf = (error: unknown, instance: string): Problem => {
  const { status, kind, title, detail, misfit } = tell(error);
  return {
    type: `urn:prometheus-ledger:problem:${kind}`,
    title,
    status,
    detail,
    instance,
    ...(misfit && { field: misfit.field, value: inJson(misfit.value), allowed: misfit.allowed }),
  };
};
