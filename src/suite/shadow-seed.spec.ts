import { createHash } from 'node:crypto';
import { shadowSeed } from './shadow-seed.js';

const parts = { run: 'demo-1', cycle: 258, candidate: 'ab'.repeat(32), seedCommitment: '07'.repeat(32) };

describe('shadowSeed', () => {
  it('is SHA-256 over the documented bytes, written out by hand', () => {
    const bytes = Buffer.concat([
      Buffer.from('shadow/1\0demo-1\0', 'latin1'),
      Buffer.from([2, 1, 0, 0]),
      Buffer.alloc(32, 0xab),
      Buffer.alloc(32, 7),
    ]);
    expect(shadowSeed(parts)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('changes with every part', () => {
    const others = [
      { ...parts, run: 'demo-2' },
      { ...parts, cycle: 259 },
      { ...parts, candidate: 'ac'.repeat(32) },
      { ...parts, seedCommitment: '08'.repeat(32) },
    ];
    expect(new Set([parts, ...others].map(shadowSeed)).size).toBe(5);
  });
});
