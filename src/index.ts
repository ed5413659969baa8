export type { AcceptRule } from './core/accept.ts'
export type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
export type { FailureCode } from './core/outcome.ts'
export type { AfterFailure, HeaderPairs, RequestState } from './core/request.ts'
export type { Duration, RetentionOptions } from './core/retention.ts'
export type { Jitter } from './core/retry-policy.ts'
export type { DecryptedRow, EncryptedRow } from './decrypt.ts'
export {
  InvalidInputError,
  RequestCancelledError,
  RequestFailedError,
  RequeuestError,
  type RequeuestErrorCode,
  WaitTimeoutError,
} from './errors.ts'
export type { FindOptions, FoundAttempt, FoundRequest } from './find.ts'
export type { MigrateOptions } from './migrate.ts'
export type {
  BackoffOptions,
  EncryptionOptions,
  NetworkOptions,
  PolicyOptions,
  RequeuestOptions,
  TlsOptions,
  TransportOptions,
} from './options.ts'
export { Requeuest } from './requeuest.ts'
export type { AcceptedResponse } from './response.ts'
export type {
  AttemptEvent,
  ClaimLostEvent,
  DeliveredEvent,
  FailedEvent,
  RequeuestEventName,
  RequeuestEvents,
  RescuedEvent,
} from './runtime/events.ts'
export type { HandlerOptions, Settled, SettledHandler, SettledRequest, TransactionOf } from './settled.ts'
export {
  type BodyInput,
  type HeadersInput,
  type HttpRequestInit,
  type HttpRequestInput,
  type HttpRequestParts,
  http,
} from './spawn/input.ts'
export type { Order, SpawnManyOptions, SpawnOptions, SpawnReturningOptions } from './spawn/options.ts'
export type { StartOptions, StopOptions } from './start-options.ts'
export type { PrismaClientLike, PrismaStatement, PrismaTransactionLike } from './store/db.ts'
export { statementName } from './store/statement-name.ts'
export type { WaitOptions } from './wait.ts'
export type { ListenClient } from './worker/listener.ts'
