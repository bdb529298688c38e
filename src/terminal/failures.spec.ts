import { Refused } from '#ledger/decider.js';
import { LogInUse } from '#ledger/log.js';
import { describeFailure } from './failures.js';

test('what a person can put right is one line and no fault of the program', () => {
  expect(describeFailure(new LogInUse('in use\n  by process 7'))).toEqual({
    name: 'LogInUse',
    message: 'in use by process 7',
    fault: false,
  });
  expect(describeFailure(new Refused('no')).fault).toBe(false);
});

test('a system error names the path and what is wrong with it', () => {
  const error = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: 'a.yaml' });
  expect(describeFailure(error)).toEqual({ name: 'ENOENT', message: 'a.yaml: does not exist', fault: false });
});

test('a system error without a path is no fault of the program either', () => {
  const error = Object.assign(new Error('EISDIR: illegal operation on a directory, read'), { code: 'EISDIR' });
  const message = 'a file or folder that was named is a folder, a file is needed';
  expect(describeFailure(error)).toEqual({ name: 'EISDIR', message, fault: false });
});

test('any other error is a fault of the program', () => {
  expect(describeFailure(new TypeError('x is not a function')).fault).toBe(true);
  expect(describeFailure('text')).toEqual({ name: 'Error', message: 'text', fault: true });
});
