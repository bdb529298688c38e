import { Injectable } from '@nestjs/common';
import { settleAsOf } from '#doors/as-of.js';
import { Kept } from '#doors/kept.js';
import { NotFound } from '#doors/problem.js';
import { Views } from '#doors/read-model.js';
import { decode, streamName } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { runStream, type Run } from '#run/domain/run.js';
import { memoryView, type MemoryView } from './memory.view.js';

const MOST_KEPT = 64;

/** What runs remember and foresaw, from their events as of a position. */
@Injectable()
export class MemoryQuestions {
  private readonly answers = new Kept<Omit<MemoryView, 'asOf'>>(MOST_KEPT);

  constructor(
    private readonly log: Log,
    private readonly views: Views,
  ) {}

  /** @throws NotFound */
  async of(run: string, asked?: number): Promise<MemoryView> {
    const asOf = await settleAsOf(this.views, asked);
    return { ...(await this.answers.of(`${run} ${asOf}`, () => this.answer(run, asOf))), asOf };
  }

  private async answer(run: string, asOf: number): Promise<Omit<MemoryView, 'asOf'>> {
    let state: Run = runStream.initial;
    for await (const { position, record } of this.log.readStream(streamName(runStream, run))) {
      if (position > asOf) break;
      state = runStream.evolve(state, decode(runStream.events, record));
    }
    if (state.status !== 'absent') return memoryView(state);
    throw new NotFound(`run ${run}: there is no such run as of position ${asOf}; GET /v1/runs lists those there are`);
  }
}
