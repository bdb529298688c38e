import type { Begun, Student } from './distillation.js';
import { documentOf } from './document.js';

const examined = (recall: number, dyck: number) => ({
  results: '',
  families: { dyck: { items: 9, exact: dyck, nllNatsMean: 1 }, recall: { items: 9, exact: recall, nllNatsMean: null } },
  exactMean: 0.5,
  generalBitsPerByte: null,
});
const [trained, alignment, transfer] = [{}, { r2: 0.5 }, { downstream: examined(3, 3) }];
const begun = (none: object, teacher?: object): Begun =>
  ({
    status: 'begun',
    config: { distillation: 'd', arms: [{ arm: 'none' }, { arm: 'both' }] },
    experiment: null,
    inputs: {},
    students: { none: none as Student },
    ...(teacher && { teacher }),
  }) as unknown as Begun;

it.each([
  [{}, 'waiting'],
  [{ trained }, 'trained'],
  [{ trained, alignment }, 'aligned'],
  [{ trained, alignment, transfer }, 'examined'],
])('says of an arm with %j that it is %s, and of one that did not begin that it waits', (none, status) => {
  const { arms } = documentOf(begun(none, { downstream: examined(9, 9) }));
  expect(arms.map((arm) => arm.status)).toEqual([status, 'waiting']);
});

it('is completed with its last arm', () => {
  const all = { trained, alignment, transfer } as unknown as Student;
  const open = begun(all, { downstream: examined(9, 9) });
  expect(documentOf(open).status).toBe('open');
  expect(documentOf({ ...open, students: { none: all, both: all } }).status).toBe('completed');
});

it('names families in a list, each with its figures', () => {
  const { teacher, arms } = documentOf(begun({ transfer }, { downstream: examined(9, 4) }));
  expect(teacher?.downstream.families).toEqual([
    { family: 'dyck', items: 9, exact: 4, nllNatsMean: 1 },
    { family: 'recall', items: 9, exact: 9, nllNatsMean: null },
  ]);
  expect(arms[0]?.transfer?.downstream.families[0]).toMatchObject({ family: 'dyck', exact: 3 });
});

it('names the families in which the teacher gives no more than the student without one', () => {
  expect(documentOf(begun({ transfer }, { downstream: examined(3, 4) })).nothingToTeach).toEqual(['recall']);
  expect(documentOf(begun({ transfer }, { downstream: examined(2, 3) })).nothingToTeach).toEqual(['dyck', 'recall']);
  expect(documentOf(begun({ trained }, { downstream: examined(0, 0) })).nothingToTeach).toEqual([]);
  expect(documentOf(begun({})).nothingToTeach).toEqual([]);
});
