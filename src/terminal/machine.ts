import type { Computing } from '#app.module.js';
import { loadNative, type Native } from '#trainer/native.js';
import { BadInput } from './failures.js';

const checkIsa = (native: Native, asked: string): void => {
  const { isa } = native.machine();
  if (isa.some(({ name, available }) => available && name === asked)) return;
  const there = isa.filter(({ available }) => available).map(({ name }) => name);
  throw new BadInput(`--isa ${asked}: not on this machine; there are ${there.join(', ')}`);
};

const checkBackend = (native: Native, asked: string): void => {
  const { backends } = native.backends();
  const found = backends.find(({ name }) => name === asked);
  if (found?.available) return;
  const there = backends.filter(({ available }) => available).map(({ name }) => name);
  throw new BadInput(`--backend ${asked}: not on this machine (${found?.reason}); there is ${there.join(', ')}`);
};

/**
 * Before anything is opened or claimed: what this machine lacks would only be refused by the first training. A device is asked
 * for the bits of the contract.
 * @throws BadInput
 */
export const checkMachine = ({ isa, backend }: Computing): void => {
  if (isa !== undefined) checkIsa(loadNative(), isa);
  if (backend === 'cuda') checkBackend(loadNative(), backend);
};
