import { MemoryLog } from '#store/memory-log.js';
import { logContract } from './log.contract.js';

logContract(
  'the log in memory',
  async () => new MemoryLog(),
  async () => undefined,
);
