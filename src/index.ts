export {
  type AuthorizedRenderer,
  type BearerOptions,
  bearer,
  type ClientCredentialsOptions,
  oauth2ClientCredentials,
  type RequestArgs,
} from './auth.ts'
export type { AcceptRule } from './core/accept.ts'
export type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
export type { BackoffOptions } from './core/backoff.ts'
export type { OnStatus, StatusAction } from './core/on-status.ts'
export type { FailureCode } from './core/outcome.ts'
export type { PresetName } from './core/presets.ts'
export type { RenderedRequest } from './core/rendering.ts'
export type { AfterFailure, HeaderPairs, RequestState } from './core/request.ts'
export type { Jitter } from './core/retry-policy.ts'
export type { AttemptCase, AttemptVerdict, Decide } from './core/verdict.ts'
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
  ChannelOptions,
  EncryptionOptions,
  NetworkOptions,
  PolicyOptions,
  RequeuestOptions,
  SigningKeys,
  SigningOptions,
  SigningRequest,
  TlsOptions,
  TransportOptions,
} from './options.ts'
export type { Renderer, RenderInput, TransactionOf } from './renderers.ts'
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
export {
  type BodyInput,
  type HeadersInput,
  type HttpRequestInit,
  type HttpRequestInput,
  type HttpRequestParts,
  http,
  type RenderRequest,
  type SpawnInput,
} from './spawn/input.ts'
export type { Order, SpawnManyOptions, SpawnOptions, SpawnReturningOptions } from './spawn/options.ts'
export type { StartOptions, StopOptions } from './start-options.ts'
export type { PrismaClientLike, PrismaStatement, PrismaTransactionLike } from './store/db.ts'
export { statementName } from './store/statement-name.ts'
export type { WaitOptions } from './wait.ts'
export type { ListenClient } from './worker/listener.ts'
