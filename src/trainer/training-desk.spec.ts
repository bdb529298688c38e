import { Refused } from '#ledger/decider.js';
import { Clock } from '#ledger/ports.js';
import { CountedClock } from '#store/counted-clock.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import type { DeskOrder } from './desk-order.js';
import { InProcessWorker } from './in-process-worker.js';
import { IN_PROCESS, type NativeTrainer } from './train-natively.js';
import { OrderLeftOpen, UpdateFailed, type Claimant, type Order, type Trained, type Training } from './trainer.js';
import { TrainingDesk } from './training-desk.js';

const LEASE_MS = 1000;

/** A clock that stands still until it is set. */
class SetClock extends Clock {
  private readonly days = new CountedClock();
  ms = 0;
  now(): string {
    return this.days.now();
  }
  after(time: string, durationMs: number): string {
    return this.days.after(time, durationMs);
  }
  elapsedMs(): number {
    return this.ms;
  }
}

const facts = { build: 'b', backend: 'reference', threads: 1 };
const claimant = (trainer: string, contract: 'nc-1' | null = 'nc-1'): Claimant => ({ trainer, ...facts, contract });
const order = (changes: Partial<Order> = {}): Order => ({
  run: 'r1',
  cycle: 1,
  epoch: 1,
  plan: {} as Order['plan'],
  planHash: 'p',
  open: false,
  claimant: null,
  ...changes,
});
const result: Trained = { candidate: 'c', steps: 1, tokens: 1, receipt: null, elapsedMs: 1 };
const key = { run: 'r1', cycle: 1, epoch: 1 };
const never = new AbortController().signal;
const now = (): AbortSignal => AbortSignal.timeout(20);

let clock: SetClock;
let desk: TrainingDesk;
let said: string[];
const training = (changes: Partial<Training> = {}): Training => ({
  artifacts: new MemoryArtifacts(),
  onClaimed: async ({ trainer }) => void said.push(`claimed by ${trainer}`),
  onTrained: async ({ candidate }) => void said.push(`trained ${candidate}`),
  onProgress: ({ step }) => void said.push(`step ${step}`),
  ...changes,
});
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const taken = async (by: Claimant): Promise<DeskOrder> => {
  const entry = await desk.claim(by, never);
  if (!entry) throw new Error('there was no order');
  return entry;
};

beforeEach(() => {
  clock = new SetClock();
  desk = new TrainingDesk(clock, () => facts, LEASE_MS);
  said = [];
});
afterEach(() => desk.close());

describe('a claim', () => {
  it('waits for an order, is given to one trainer only, and is in the log before anybody trains', async () => {
    const waiting = [taken(claimant('a')), desk.claim(claimant('b'), now())];
    const trained = desk.train(order(), training());
    const [first, second] = await Promise.all(waiting);
    expect(said).toEqual(['claimed by a']);
    expect(second).toBeUndefined();
    await first?.record(result);
    await trained;
    expect(said).toEqual(['claimed by a', 'trained c']);
    expect(desk.held(key, 'a')).toBeUndefined();
  });

  it('falls through when the run went on before it was written', async () => {
    const onClaimed = (): Promise<void> => Promise.reject(new Refused('not to be begun'));
    const trained = failure(desk.train(order(), training({ onClaimed })));
    expect(await desk.claim(claimant('a'), now())).toBeUndefined();
    expect(await trained).toBeInstanceOf(Refused);
  });

  it('of open orders is for others than the service itself, and of closed ones for the contract only', async () => {
    void failure(desk.train(order({ open: true }), training()));
    expect(await desk.claim(claimant(IN_PROCESS), now())).toBeUndefined();
    expect((await taken(claimant('own', null))).order.open).toBe(true);
    void failure(desk.train(order({ run: 'r2' }), training()));
    expect(await desk.claim(claimant('own', null), now())).toBeUndefined();
    expect((await taken(claimant(IN_PROCESS))).order.run).toBe('r2');
  });

  it('is taken in the order in which updates were asked for, those of several runs at once', async () => {
    for (const run of ['x', 'y', 'z']) void failure(desk.train(order({ run }), training()));
    const runs = [];
    for (const trainer of ['a', 'b', 'c']) runs.push((await taken(claimant(trainer))).order.run);
    expect(runs).toEqual(['x', 'y', 'z']);
  });
});

describe('a claim whose answer a crash cut off', () => {
  const before = claimant('a');

  it('is given once more to the trainer that the log names, under the same epoch, and to nobody else', async () => {
    const trained = desk.train(order({ claimant: before }), training());
    expect(await desk.claim(claimant('b'), now())).toBeUndefined();
    const again = await taken(before);
    expect(again.order).toMatchObject(key);
    expect(said).toEqual([]);
    expect(await desk.claim(before, now())).toBeUndefined();
    await again.record(result);
    await trained;
  });

  it('is not, when that trainer speaks of it first', async () => {
    void failure(desk.train(order({ claimant: before }), training()));
    expect(desk.heartbeat(key, 'a', null)).toBe(LEASE_MS);
    expect(await desk.claim(before, now())).toBeUndefined();
  });
});

describe('a lease', () => {
  it('is extended by heartbeats, which pass progress on', async () => {
    void failure(desk.train(order(), training()));
    await taken(claimant('a'));
    for (clock.ms = 900; clock.ms < 5000; clock.ms += 900) {
      const progress = { step: clock.ms, steps: 9, tokens: 1, lossNatsMean: 1, tokensPerSecond: 1 };
      expect(desk.heartbeat(key, 'a', progress)).toBe(LEASE_MS);
      desk.expire();
    }
    expect(said.at(-1)).toBe('step 4500');
    expect(desk.standings()).toMatchObject([{ ...key, trainer: 'a', progress: { step: 4500 } }]);
  });

  it('that runs out loses the update, and fences off whoever had it', async () => {
    const trained = failure(desk.train(order(), training()));
    await taken(claimant('a'));
    clock.ms = LEASE_MS + 1;
    desk.expire();
    expect(await trained).toMatchObject({ name: 'UpdateFailed', reason: 'lost' });
    void failure(desk.train(order({ epoch: 2 }), training()));
    const next = await taken(claimant('b'));
    expect(next.order.epoch).toBe(2);
    expect(desk.heartbeat(key, 'a', null)).toBeUndefined();
    expect(desk.held({ ...key, epoch: 2 }, 'a')).toBeUndefined();
    expect(desk.held({ ...key, epoch: 2 }, 'b')).toBe(next);
  });

  it('that ran out counts as lost also before anybody looked', async () => {
    const trained = failure(desk.train(order(), training()));
    await taken(claimant('a'));
    clock.ms = LEASE_MS + 1;
    expect(desk.heartbeat(key, 'a', null)).toBeUndefined();
    expect(await trained).toMatchObject({ reason: 'lost' });
  });

  it('never runs out for the trainer in this process', async () => {
    void failure(desk.train(order(), training()));
    const entry = await taken(claimant(IN_PROCESS));
    clock.ms = 100 * LEASE_MS;
    desk.expire();
    expect(desk.held(key, IN_PROCESS)).toBe(entry);
  });
});

describe('an update that a restart finds begun', () => {
  const begun = (trainer: string): Order => order({ claimant: claimant(trainer) });

  it('is over when this process trained it, and adopted when another does', () => {
    expect(desk.adopts(begun(IN_PROCESS))).toBe(false);
    expect(desk.adopts(begun('a'))).toBe(true);
  });

  it('keeps its trainer for one lease, longer if it lives, without being begun again', async () => {
    const trained = desk.train(begun('a'), training());
    expect(desk.heartbeat(key, 'b', null)).toBeUndefined();
    clock.ms = 900;
    expect(desk.heartbeat(key, 'a', null)).toBe(LEASE_MS);
    clock.ms = 1800;
    await desk.held(key, 'a')?.record(result);
    await trained;
    expect(said).toEqual(['trained c']);
  });

  it('is lost when its trainer is silent', async () => {
    const trained = failure(desk.train(begun('a'), training()));
    clock.ms = LEASE_MS + 1;
    desk.expire();
    expect(await trained).toMatchObject({ reason: 'lost' });
  });
});

describe('an update that nobody wants any more', () => {
  it('is cancelled at once for a trainer elsewhere, which its next heartbeat tells it', async () => {
    const cancel = new AbortController();
    const trained = failure(desk.train(order(), training({ cancel: cancel.signal })));
    await taken(claimant('a'));
    cancel.abort();
    expect(await trained).toMatchObject({ reason: 'cancelled' });
    expect(desk.heartbeat(key, 'a', null)).toBeUndefined();
  });

  it('is cancelled by the trainer in this process at its next step', async () => {
    const cancel = new AbortController();
    const trained = failure(desk.train(order(), training({ cancel: cancel.signal })));
    const entry = await taken(claimant(IN_PROCESS));
    cancel.abort();
    expect(entry.stopped.aborted).toBe(true);
    entry.fail(new UpdateFailed('cancelled', 3, 'stopped'));
    expect(await trained).toMatchObject({ reason: 'cancelled', step: 3 });
  });

  it('stands when only the process ends and another one trains it, or nobody does yet', async () => {
    const closing = new AbortController();
    const [claimed, waiting] = ['x', 'y'].map((run) =>
      failure(desk.train(order({ run }), training({ closing: closing.signal }))),
    );
    await taken(claimant('a'));
    closing.abort();
    expect(await claimed).toBeInstanceOf(OrderLeftOpen);
    expect(await waiting).toBeInstanceOf(OrderLeftOpen);
  });
});

describe('a desk that closes', () => {
  it('sends waiting trainers away, its own too, and everything else goes on', async () => {
    const native = { claimant: () => claimant(IN_PROCESS), ready: async () => undefined } as NativeTrainer;
    const worker = new InProcessWorker(desk, native);
    worker.start();
    const waiting = desk.claim(claimant('a'), never);
    desk.close();
    expect(await waiting).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1));
    await worker.stop();
  });

  it('takes nothing in this process before its device is ready, and says why', async () => {
    let tries = 0;
    const native = {
      claimant: () => claimant(IN_PROCESS),
      carryOut: async () => result,
      ready: async () => {
        tries += 1;
        if (tries > 1) said.push('ready');
        else throw new Error('no device');
      },
    } as unknown as NativeTrainer;
    const trained = desk.train(order(), training());
    const worker = new InProcessWorker(desk, native, 1);
    worker.start();
    await Promise.resolve();
    expect([desk.trouble, said]).toEqual(['no device', []]);
    await trained;
    expect(desk.trouble).toBeNull();
    expect(said.slice(0, 3)).toEqual(['ready', `claimed by ${IN_PROCESS}`, 'trained c']);
    desk.close();
    await worker.stop();
  });
});

describe('rival loops and failing writes', () => {
  it('give one order together, which is trained and recorded once', async () => {
    const both = [desk.train(order(), training()), desk.train(order(), training())];
    await (await taken(claimant('a'))).record(result);
    await Promise.all(both);
    expect(said).toEqual(['claimed by a', 'trained c']);
  });

  it('keep what was trained here until it can be recorded', async () => {
    let full = 2;
    const onTrained = async (): Promise<void> => {
      if (full-- > 0) throw new Error('no space');
      said.push('recorded');
    };
    const first = failure(desk.train(order(), training({ onTrained })));
    const entry = await taken(claimant(IN_PROCESS));
    await entry.record(result).catch((error: unknown) => entry.keep(result, error));
    expect(await first).toMatchObject({ message: 'no space' });
    expect(desk.adopts(order({ claimant: claimant(IN_PROCESS) }))).toBe(true);
    expect(await failure(desk.train(order(), training({ onTrained })))).toMatchObject({ message: 'no space' });
    await desk.train(order(), training({ onTrained }));
    expect(said).toEqual([`claimed by ${IN_PROCESS}`, 'recorded']);
    expect(desk.standings()).toEqual([]);
  });
});
