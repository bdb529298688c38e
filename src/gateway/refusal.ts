import { Metadata, status } from '@grpc/grpc-js';

type Trailers = Readonly<Record<string, string>>;

/** Trailers are ASCII: a stream's name is percent-encoded where it is not. */
const ascii = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text));

const OF_GROUPS = {
  'persistent-subscription-does-not-exist': [status.NOT_FOUND, 'does not exist'],
  'persistent-subscription-exists': [status.ALREADY_EXISTS, 'exists'],
  'persistent-subscription-dropped': [status.CANCELLED, 'was dropped'],
  'maximum-subscribers-reached': [status.FAILED_PRECONDITION, 'has as many consumers as it may have'],
} as const;

/** What a call ends with in place of an answer: a gRPC status, and for clients the kind of it among the trailers. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly metadata = new Metadata();

  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Trailers = {},
  ) {
    super(details);
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, ascii(value));
  }

  /** By the role of who asks, or by what is asked: the log is never shortened. */
  static denied(why: string): Refusal {
    return new Refusal(status.PERMISSION_DENIED, why, { exception: 'access-denied' });
  }

  static unauthenticated(why: string): Refusal {
    return new Refusal(status.UNAUTHENTICATED, why);
  }

  static malformed(why: string): Refusal {
    return new Refusal(status.INVALID_ARGUMENT, why);
  }

  static tooLarge(most: number, what: string): Refusal {
    return new Refusal(status.INVALID_ARGUMENT, `${what}; at most ${most} bytes are taken`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(most),
    });
  }

  static missingProperty(property: string): Refusal {
    return new Refusal(status.INVALID_ARGUMENT, `the required metadata property "${property}" is missing`, {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    });
  }

  /** About a group of consumers, by the kind that clients know. */
  static ofGroup(kind: keyof typeof OF_GROUPS, stream: string, group: string): Refusal {
    const [code, what] = OF_GROUPS[kind];
    return new Refusal(code, `group ${group} on ${stream} ${what}`, {
      exception: kind,
      'stream-name': stream,
      'group-name': group,
    });
  }

  static stopping(): Refusal {
    return new Refusal(status.UNAVAILABLE, 'the service is stopping; what was not acknowledged may be sent again');
  }
}

const TOLD: Readonly<Record<string, status>> = {
  LogClosed: status.UNAVAILABLE,
  LogUnwritable: status.RESOURCE_EXHAUSTED,
  LogUnreachable: status.UNAVAILABLE,
  LogDamaged: status.DATA_LOSS,
  IdConflict: status.INVALID_ARGUMENT,
  MalformedRecord: status.INVALID_ARGUMENT,
  NotCanonical: status.INVALID_ARGUMENT,
};

/** Any error as the end of a call; one that nobody foresaw says nothing of itself. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = TOLD[name];
  return code === undefined ? new Refusal(status.INTERNAL, 'a fault of the program') : new Refusal(code, message);
};
