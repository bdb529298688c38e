import { generateKeyPairSync } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { Screen, type Surroundings } from './screen.js';

const screenTo = (stdout: PassThrough): Screen =>
  new Screen(
    {
      stdout,
      stderr: new PassThrough(),
      colour: false,
      now: () => 0,
      command: 'pl',
      requester: 'ada',
      databaseUrl: undefined,
      eventStoreUrl: undefined,
      token: undefined,
      newKey: () => generateKeyPairSync('ed25519').privateKey,
      invocation: 'x',
      onInterrupt: () => () => undefined,
    } satisfies Surroundings,
    false,
  );

test('what is said first is not set apart from anything', () => {
  const stdout = new PassThrough();
  const screen = screenTo(stdout);
  screen.title('First');
  screen.title('Second');
  screen.say('', 'third');
  expect(String(stdout.read())).toBe('First\n\nSecond\n\nthird\n');
});
