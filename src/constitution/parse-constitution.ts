import { InvalidRequest } from '#doors/dispatch.js';
import { explainIssue } from '#doors/explain-issue.js';
import { constitutionInputSchema, type Constitution } from './domain/document.js';

/** A document as somebody wrote it, with everything that was left out. @throws InvalidRequest naming field, value and what is allowed */
export const parseConstitution = (input: unknown): Constitution => {
  const result = constitutionInputSchema.safeParse(input);
  if (result.success) return result.data;
  throw new InvalidRequest(explainIssue(result.error.issues[0], input, constitutionInputSchema));
};
