const KINDS: ReadonlySet<unknown> = new Set(['human', 'service', 'trainer', 'evaluator', 'policy']);
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Not the last days of a month, whose calendar is left to the schema. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const LONGEST_STREAM = 200;
const FIELDS = 10;
const ACTOR_FIELDS = 3;

type Members = Readonly<{ [key: string]: unknown }>;

/** An object as a literal or JSON makes it, which nothing pretends to have made. */
const isPlain = (value: unknown): value is Members =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !Object.hasOwn(value, 'constructor');

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isId = (value: unknown): boolean => typeof value === 'string' && ID.test(value);

const isActor = (value: unknown): boolean => {
  if (!isPlain(value)) return false;
  const { kind, id, build } = value;
  return Object.keys(value).length === ACTOR_FIELDS && KINDS.has(kind) && isText(id) && typeof build === 'string';
};

/**
 * Whether a value is a record's envelope as nearly all of them are, found out several times faster than by the schema. What
 * this does not recognise may be one nevertheless: then the schema decides.
 */
export const isPlainEnvelope = (value: unknown): boolean => {
  if (!isPlain(value)) return false;
  const { id, stream, revision, type, version, recordedAt, actor, causationId, correlationId, data } = value;
  return (
    Object.keys(value).length === FIELDS &&
    isId(id) &&
    (causationId === id || isId(causationId)) &&
    (correlationId === id || isId(correlationId)) &&
    isText(stream) &&
    stream.length <= LONGEST_STREAM &&
    Number.isSafeInteger(revision) &&
    (revision as number) >= 0 &&
    isText(type) &&
    Number.isSafeInteger(version) &&
    (version as number) > 0 &&
    typeof recordedAt === 'string' &&
    TIME.test(recordedAt) &&
    isActor(actor) &&
    isPlain(data)
  );
};
