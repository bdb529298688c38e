import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { checkedConfigSchema, type DistillationConfig } from './domain/config.js';

/** A distillation as somebody wrote it, with everything that was left out. @throws InvalidRequest naming field, value and what is allowed */
export const parseDistillation = (input: object): DistillationConfig => {
  const given = { seed: 1, contract: 'nc-1', ...input };
  const result = checkedConfigSchema.safeParse(given);
  if (result.success) return result.data;
  throw new InvalidRequest(explainIssue(result.error.issues[0], given, checkedConfigSchema));
};
