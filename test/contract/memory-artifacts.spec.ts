import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { artifactsContract } from './artifacts.contract.js';

artifactsContract(
  'the memory',
  async () => new MemoryArtifacts(),
  async () => undefined,
);
