export default {
  roots: ['<rootDir>/dist', '<rootDir>/build/test'],
  testMatch: ['**/*.spec.js'],
  testEnvironment: 'node',
  transform: {},
};
