import type { ReadModel } from '#doors/read-model.js';
import { decode } from '#ledger/ledger.js';
import { suiteEvents } from './domain/events.js';
import { suiteStream } from './domain/suite.js';

const SUITES = `${suiteStream.name}-`;

/** What is sealed, and every use of it. */
export const suiteReadModel: ReadModel = {
  name: 'suite',
  version: 1,
  tables: ['suite_seals', 'suite_uses'],
  rows: ({ position, record }) => {
    if (!record.stream.startsWith(SUITES)) return {};
    const event = decode(suiteEvents, record);
    switch (event.type) {
      case 'ProbeSuiteSealed':
        return { suite_seals: [{ position, suite: event.data.suite, role: event.data.role, data: event.data }] };
      case 'ProbeSuiteQueried': {
        const { suite, run, cycle, candidate, remaining } = event.data;
        return { suite_uses: [{ position, suite, run, cycle, candidate, remaining }] };
      }
    }
  },
};
