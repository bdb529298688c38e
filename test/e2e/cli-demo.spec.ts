import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { temporaryFolder, type } from './command-line.js';

const folder = temporaryFolder();
jest.setTimeout(600_000);

type Summary = Record<string, unknown> & { accepted: number; rejected: number; inconclusive: number; cycles: number };

test('the demo ends with figures that are all numbers, both outcomes, a forgery caught and an equal replay', async () => {
  const { code, stdout, stderr } = await type(['demo', '--quick', '--json', '--data', folder.path('demo')]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const summary = JSON.parse(stdout) as Summary;
  const number = expect.any(Number);
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(summary).toEqual({
    runId: 'demo',
    cycles: 4,
    accepted: number,
    rejected: number,
    inconclusive: number,
    capability: { anchor: number, champion: number },
    generalBitsPerByte: { anchor: number, champion: number },
    degradationPercent: number,
    events: number,
    root: hash,
    runDigest: hash,
    verify: { ok: true },
    tamper: { caught: true },
    replay: { cycles: 5, matched: 5, diverged: 0 },
  });
  expect(summary.accepted).toBeGreaterThan(0);
  expect(summary.rejected).toBeGreaterThan(0);
  expect(summary.accepted + summary.rejected + summary.inconclusive).toBe(4);
  for (const words of ['no evidence', 'Cycle 4 of 4', 'ACCEPT', 'REJECT', 'caught', 'What to do next'])
    expect(stderr).toContain(words);
  expect(stderr).not.toContain('\u001b');

  // A finished demo does not stand in the way of the next one.
  const again = await type(['demo', '--quick', '--data', folder.path('demo')], {
    interruptAt: 'Run demo',
  });
  expect(again.code).toBe(130);
  expect(again.stdout).toContain('run resume demo');
  expect(existsSync(folder.path('demo', 'demo.json'))).toBe(true);
});
