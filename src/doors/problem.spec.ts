import { ArtifactDamaged } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { CommandConflict } from '#ledger/ledger.js';
import { LogUnwritable, WrongExpectedRevision } from '#ledger/log.js';
import { InvalidRequest } from './dispatch.js';
import { HttpProblem, NotFound, problemOf } from './problem.js';

const outside = (fields: object): Error => Object.assign(new Error('said elsewhere'), fields);

test.each([
  [new Refused('x'), 409, 'refused'],
  [new WrongExpectedRevision('run-a', 1, 2), 409, 'moved-on'],
  [new CommandConflict('x'), 422, 'key-reused'],
  [new InvalidRequest('x'), 422, 'invalid'],
  [new InvalidRequest('x', undefined, 400), 400, 'malformed'],
  [new LogUnwritable('x'), 507, 'unwritable'],
  [outside({ code: 'ENOSPC' }), 507, 'unwritable'],
  [new ArtifactDamaged('artifact abc is damaged'), 500, 'artifact-damaged'],
  [new NotFound('x'), 404, 'not-found'],
  [new HttpProblem(403, 'sealed', 'Under seal', 'x'), 403, 'sealed'],
  [outside({ statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }), 413, 'too-large'],
  [outside({ getStatus: () => 404 }), 404, 'not-found'],
])('%s', (error, status, kind) => {
  const problem = problemOf(error, '/v1/x');
  expect(problem).toMatchObject({ status, type: `urn:prometheus-ledger:problem:${kind}`, instance: '/v1/x' });
  expect(problem.detail).not.toBe('');
});

test('a fault of the program says nothing of its insides', () => {
  for (const error of [new TypeError('password=1'), 'text', undefined, outside({ statusCode: 500 })]) {
    const problem = problemOf(error, '/');
    expect(problem).toMatchObject({ status: 500, detail: 'see the log of the service' });
  }
});

test('a misfit names field, value and what is allowed', () => {
  const misfit = { field: 'limit', value: 9999, allowed: '1 to 1000' };
  expect(problemOf(new InvalidRequest('x', misfit, 400), '/')).toMatchObject({ ...misfit, value: '9999' });
});
