/**
 * Left to `npm run test:full`, so that `npm test` stays under a quarter of an hour on two cores: each goes deeper into what
 * a shorter one beside it tests too. By their path below test/, without the end.
 */
export const LONG_SPECS = [
  'e2e/cli-distillation-study',
  'e2e/device-trainers',
  'e2e/export-forgeries',
  'e2e/import',
  'e2e/page-live',
  'e2e/page-looks',
  'e2e/stores-refused',
  'e2e/verify-kept',
  'fault/slow-clients',
  'simulation/adversarial-budgets',
  'simulation/adversarial-disagreement',
  'simulation/adversarial-search',
  'simulation/cut-off',
];
