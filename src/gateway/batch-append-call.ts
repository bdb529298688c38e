import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Identity } from '#doors/allow.js';
import type { Expected } from '#ledger/log.js';
import type { Clock } from '#ledger/ports.js';
import type { Appended, Appending } from './appending.js';
import { batchAnswer, DeadlinePassed } from './batch-answer.js';
import type { Calls } from './calls.js';
import { expectedOf, Proposals } from './proposal.js';
import { Refusal, refusalOf } from './refusal.js';
import { idOf, sinceEpochMs, streamOf } from './wire.js';

/** Appends of one call that have begun to come and are not whole yet. */
const MOST_UNFINISHED = 64;
/** What is being written for one call; while it is more, nothing further is read. */
const MOST_WRITING_BYTES = 8 * 1024 * 1024;
/** The longest that a timer of Node takes. */
const LONGEST_MS = 2 ** 31 - 1;

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** One append of a batch, which is answered once and never again. */
class Batched {
  readonly proposals = new Proposals();
  answered = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly correlation: string,
    readonly stream: string,
    readonly expected: Expected,
  ) {}

  endAfter(ms: number, end: () => void): void {
    this.timer = setTimeout(end, Math.min(ms, LONGEST_MS)).unref();
  }

  forget(): void {
    this.answered = true;
    clearTimeout(this.timer);
  }
}

/** All appends of one client, one call for as long as it is connected: in their order within a stream. */
export class BatchAppendCall {
  private readonly unfinished = new Map<string, Batched>();
  private readonly tails = new Map<string, Promise<void>>();
  private writingBytes = 0;
  private open = true;
  private readonly who: Promise<Identity>;
  private readonly forget: () => void;

  private constructor(
    private readonly call: Call,
    private readonly appending: Appending,
    private readonly clock: Clock,
    calls: Calls,
  ) {
    this.who = calls.whoAsks(call.metadata);
    this.who.catch((error: unknown) => this.fail(error));
    this.forget = calls.opened((refusal) => this.fail(refusal));
    call.on('data', (request: BatchAppendReq) => this.hear(request));
    call.on('end', () => void this.finish());
    call.on('cancelled', () => this.close());
    call.on('error', () => this.close());
    call.on('drain', () => this.readOn());
  }

  static handle(appending: Appending, clock: Clock, calls: Calls): (call: Call) => void {
    return (call) => void new BatchAppendCall(call, appending, clock, calls);
  }

  private hear(request: BatchAppendReq): void {
    if (!this.open) return;
    try {
      this.take(request);
    } catch (error) {
      this.fail(error);
    }
  }

  private take(request: BatchAppendReq): void {
    const correlation = idOf(request.getCorrelationId());
    const batched = this.unfinished.get(correlation) ?? this.begin(correlation, request.getOptions());
    if (!batched.answered)
      try {
        for (const message of request.getProposedMessagesList()) batched.proposals.add(message);
      } catch (error) {
        this.answer(batched, error as Error);
      }
    if (!request.getIsFinal()) return;
    this.unfinished.delete(correlation);
    this.write(batched);
  }

  private begin(correlation: string, options: BatchAppendReq.Options | undefined): Batched {
    if (!options) throw Refusal.malformed(`append ${correlation} does not say which stream it is for`);
    if (this.unfinished.size >= MOST_UNFINISHED)
      throw new Refusal(status.RESOURCE_EXHAUSTED, `${MOST_UNFINISHED} appends have begun and none of them is whole`);
    const expected = expectedOf(options, () => options.getStreamPosition());
    const batched = new Batched(correlation, streamOf(options.getStreamIdentifier()), expected);
    this.unfinished.set(correlation, batched);
    const deadline = options.getDeadline();
    if (!deadline) return batched;
    const atMs = 1000 * deadline.getSeconds() + deadline.getNanos() / 1e6;
    const leftMs = atMs - sinceEpochMs(this.clock.now());
    const end = (): void => this.answer(batched, new DeadlinePassed(`append ${correlation}: its deadline has passed`));
    if (leftMs <= 0) end();
    else batched.endAfter(leftMs, end);
    return batched;
  }

  private write(batched: Batched): void {
    const { stream, expected, proposals } = batched;
    this.writingBytes += proposals.bytes;
    if (this.writingBytes > MOST_WRITING_BYTES) this.call.pause();
    const append = async (): Promise<void> => {
      if (batched.answered) return;
      const who = await this.who;
      this.answer(batched, await this.appending.append(who, stream, expected, proposals.list));
    };
    const before = this.tails.get(stream) ?? Promise.resolve();
    const done = before.then(append).catch((error: Error) => this.answer(batched, error));
    this.tails.set(stream, done);
    void done.then(() => {
      if (this.tails.get(stream) === done) this.tails.delete(stream);
      this.writingBytes -= proposals.bytes;
      this.readOn();
    });
  }

  private readOn(): void {
    if (this.writingBytes <= MOST_WRITING_BYTES && !this.call.writableNeedDrain) this.call.resume();
  }

  private answer(batched: Batched, outcome: Appended | Error): void {
    if (batched.answered) return;
    batched.forget();
    if (this.open && !this.call.write(batchAnswer(batched.correlation, batched.stream, outcome))) this.call.pause();
  }

  /** The client sends nothing more: what it has sent is answered. */
  private async finish(): Promise<void> {
    await Promise.all(this.tails.values());
    if (!this.open) return;
    this.close();
    this.call.end();
  }

  private fail(error: unknown): void {
    if (!this.open) return;
    this.close();
    this.call.emit('error', refusalOf(error));
  }

  private close(): void {
    this.open = false;
    this.forget();
    for (const batched of this.unfinished.values()) batched.forget();
    this.unfinished.clear();
  }
}
