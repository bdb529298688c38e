import { PassThrough } from 'node:stream';
import { ProgressLine } from './progress-line.js';

const doing = (done: number, label = 'training') => ({ label, done, total: 100, tokensPerSecond: 2000, left: 60_000 });

const calm = () => {
  const clock = { ms: 0 };
  const said: string[] = [];
  const line = new ProgressLine(
    new PassThrough(),
    false,
    80,
    () => clock.ms,
    (text) => said.push(text),
  );
  return { clock, said, line };
};

test('without a terminal there is a line every ten seconds, with speed and time left', () => {
  const { clock, said, line } = calm();
  for (let second = 0; second <= 25; second += 1) {
    clock.ms = second * 1000;
    line.update(doing(second));
  }
  expect(said).toEqual(['  training: 10%, 2.0 k tokens/s, 30 s left', '  training: 20%, 2.0 k tokens/s, 30 s left']);
});

test('work that is over before that says nothing, and the next begins anew', () => {
  const { clock, said, line } = calm();
  line.update(doing(1, 'first'));
  clock.ms = 9000;
  line.update(doing(99, 'first'));
  clock.ms = 12_000;
  line.update(doing(1, 'second'));
  expect(said).toEqual([]);
});

test('in a terminal one line is drawn over, within the width', () => {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 60,
    cursorTo: () => true,
    clearLine: () => true,
  });
  const line = new ProgressLine(
    stream,
    true,
    60,
    () => 0,
    () => undefined,
  );
  line.update(doing(50));
  line.clear();
  const drawn = String(stream.read());
  expect(drawn).toContain('50%');
  expect(drawn).not.toContain('\n');
});
