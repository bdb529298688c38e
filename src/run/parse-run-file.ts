import { explainIssue } from '#doors/explain-issue.js';
import { runFileSchema, type RunFile } from './domain/run-file.js';

/**
 * What a person wrote, with everything filled in that it leaves out.
 * @param refuse the error to throw of a line that names field, value and what is allowed
 */
export const parseRunFile = (input: unknown, refuse: (message: string) => Error): RunFile => {
  const parsed = runFileSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refuse(explainIssue(parsed.error.issues[0], input, runFileSchema));
};
