export default {
  roots: ['<rootDir>/dist', '<rootDir>/build/test'],
  testMatch: ['**/*.spec.js'],
  testEnvironment: 'node',
  // jest's own clean-up of globals warns about its own matchers.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  // Nothing is judged by its time; this only ends what hangs, on a machine however busy.
  testTimeout: 120_000,
  transform: {},
};
