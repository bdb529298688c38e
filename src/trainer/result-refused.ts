import type { UpdateResultRefused } from '#audit/domain/result-events.js';
import { HttpProblem } from '#doors/problem.js';
import type { EventOf } from '#ledger/event.js';
import type { ClaimKey } from './desk-order.js';

type Refusal = EventOf<typeof UpdateResultRefused>['data'];
export type RefusalReason = Refusal['reason'];

const TITLE = 'The result is not taken';

/** What a trainer sent is not believed; the problem's kind is the reason. */
export class ResultRefused extends HttpProblem {
  constructor(
    readonly reason: RefusalReason,
    readonly offered: string | null,
    message: string,
  ) {
    super(['unknown-claim', 'late', 'duplicate'].includes(reason) ? 409 : 422, reason, TITLE, message);
  }

  /** As the audit stream tells it. */
  refusal(key: ClaimKey, trainer: string): Omit<Refusal, 'count'> {
    const { reason, offered, message } = this;
    return { ...key, trainer, offered, reason, message };
  }
}
