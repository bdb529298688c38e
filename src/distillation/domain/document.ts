import { NONE } from './config.js';
import { isAtRest, type Begun, type Student } from './distillation.js';
import type { Downstream } from './events.js';

/** How far an arm is. */
export type ArmStatus = 'waiting' | 'aborted' | 'trained' | 'aligned' | 'examined';

const armStatus = ({ trained, aborted, alignment, transfer }: Student): ArmStatus => {
  if (aborted) return 'aborted';
  if (transfer) return 'examined';
  if (alignment) return 'aligned';
  return trained ? 'trained' : 'waiting';
};

/** Where the teacher gives no more answers than a student that nobody taught, there is nothing to pass on. */
export const nothingToTeach = ({ teacher, students }: Begun): readonly string[] => {
  const none = students[NONE]?.transfer?.downstream;
  if (!teacher || !none) return [];
  return Object.entries(teacher.downstream.families).flatMap(([name, { exact }]) =>
    exact <= (none.families[name]?.exact ?? 0) ? [name] : [],
  );
};

/** Its families as a list: names that a person chose are no names of fields. */
const listed = <T extends Readonly<{ downstream: Downstream }>>({ downstream, ...rest }: T) => ({
  ...rest,
  downstream: {
    ...downstream,
    families: Object.entries(downstream.families).map(([family, figures]) => ({ family, ...figures })),
  },
});

/** What every door answers of a distillation: alignment and transfer in fields of their own. */
export const documentOf = (begun: Begun) => {
  const { config, experiment, inputs, teacher, aborted, students } = begun;
  return {
    distillation: config.distillation,
    experiment,
    status: isAtRest(begun) ? ('completed' as const) : ('open' as const),
    config,
    inputs,
    teacher: teacher ? listed(teacher) : null,
    aborted: aborted ?? null,
    nothingToTeach: nothingToTeach(begun),
    arms: config.arms.map(({ arm }) => {
      const student = students[arm] ?? {};
      const { trained, alignment, transfer } = student;
      return {
        arm,
        status: armStatus(student),
        trained: trained ?? null,
        aborted: student.aborted ?? null,
        alignment: alignment ?? null,
        transfer: transfer ? listed(transfer) : null,
      };
    }),
  };
};
