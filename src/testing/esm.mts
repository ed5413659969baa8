export type * from './index.ts'
export { createTestDatabase, ExpectationError, receiver, resetDatabase, testing } from './index.ts'
