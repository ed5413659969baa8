export { ExpectationError } from '../errors.ts'
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './databases.ts'
export type { TestDrainResult } from './drain.ts'
export type { TestDrainOptions, TestSettledOptions } from './drain-options.ts'
export type { ExpectSpawnedOptions } from './expect-spawned.ts'
export type { ReceivedRequest } from './received.ts'
export {
  type Receiver,
  type ReceiverOptions,
  receiver,
  type Script,
  type WaitForRequestsOptions,
} from './receiver.ts'
export type { Reply, ReplyParts } from './reply.ts'
export { type ResetDatabaseOptions, resetDatabase } from './reset.ts'
export type { TestingOptions } from './scope.ts'
export type { SpawnedFilter, SpawnedRequest } from './spawned.ts'
export { type TestKit, testing } from './testing.ts'
