import shared, { type StreamIdentifier, type UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { Refusal } from './refusal.js';

const UUID_TEXT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HALF = 8;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

/** An event's id in the text form that records have, whichever way it came. */
export const idOf = (uuid: UUID | undefined): string => {
  const structured = uuid?.getStructured();
  if (structured) {
    const bytes = Buffer.alloc(2 * HALF);
    bytes.writeBigInt64BE(BigInt(structured.getMostSignificantBits()), 0);
    bytes.writeBigInt64BE(BigInt(structured.getLeastSignificantBits()), HALF);
    return dashed(bytes.toString('hex'));
  }
  const text = uuid?.getString() ?? '';
  if (!UUID_TEXT.test(text)) throw Refusal.malformed(`an id must be a UUID, ${JSON.stringify(text)} is none`);
  return text;
};

export const uuidOf = (id: string, structured = false): UUID => {
  const uuid = new shared.UUID();
  if (!structured) return uuid.setString(id);
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const halves = new shared.UUID.Structured();
  halves.setMostSignificantBits(bytes.readBigInt64BE(0).toString());
  halves.setLeastSignificantBits(bytes.readBigInt64BE(HALF).toString());
  return uuid.setStructured(halves);
};

export const textOf = (bytes: Uint8Array, what: string): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw Refusal.malformed(`${what} is not UTF-8`);
  }
};

export const streamOf = (identifier: StreamIdentifier | undefined): string => {
  const name = textOf(identifier?.getStreamName_asU8() ?? new Uint8Array(), 'the name of the stream');
  if (name === '') throw Refusal.malformed('the name of the stream is missing');
  return name;
};

export const identifierOf = (stream: string): StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(stream)));

/** A 64-bit number as a safe one: what is beyond is as good as the greatest. */
export const safe = (text: string | number): number => {
  const value = BigInt(text);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
};

const DAYS_IN_ERA = 146_097;
const TO_1970 = 719_468;

/** Days from 1970-01-01 in the proleptic Gregorian calendar. */
const daysFrom1970 = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - 400 * era;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return DAYS_IN_ERA * era + dayOfEra - TO_1970;
};

const UTC = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?Z$/;

/** Milliseconds since 1970 of a time in UTC, as records have it. */
export const sinceEpochMs = (time: string): number => {
  const [, year, month, day, hour, minute, second = '0', fraction = ''] = UTC.exec(time) ?? [];
  const days = daysFrom1970(Number(year), Number(month), Number(day));
  const seconds = 86_400 * days + 3600 * Number(hour) + 60 * Number(minute) + Number(second);
  return 1000 * seconds + Number(fraction.slice(0, 3).padEnd(3, '0'));
};

/** The same in ticks of 100 ns, in decimal. */
export const ticksOf = (time: string): string => (BigInt(sinceEpochMs(time)) * 10_000n).toString();
