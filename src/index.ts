export {
  type AuthorizedRenderer,
  type BearerOptions,
  bearer,
  type ClientCredentialsOptions,
  oauth2ClientCredentials,
  type RequestArgs,
} from './auth.ts'
export type { BreakerOptions } from './breaker-options.ts'
export type { Cancelled } from './control/cancel.ts'
export type { ChannelOrOrigin } from './control/channel-or-origin.ts'
export type { Between, OneOf, RequestFilter } from './control/filter.ts'
export type { LimitOptions, RateOptions } from './control/limits.ts'
export type { Changed, ControlOptions } from './control/options.ts'
export type { Paused } from './control/pause.ts'
export type { Redriven, RedriveOptions } from './control/redrive.ts'
export type { Target } from './control/retarget.ts'
export type { AcceptRule } from './core/accept.ts'
export type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
export type { BackoffOptions } from './core/backoff.ts'
export type { OnStatus, StatusAction } from './core/on-status.ts'
export type { FailureCode } from './core/outcome.ts'
export type { PresetName } from './core/presets.ts'
export type { RenderedRequest } from './core/rendering.ts'
export type { AfterFailure, HeaderPairs, OnDuplicate, RequestState } from './core/request.ts'
export type { Duration, RetentionOptions } from './core/retention.ts'
export type { Jitter } from './core/retry-policy.ts'
export type { CatchUp } from './core/schedule.ts'
export type { AttemptCase, AttemptVerdict, Decide } from './core/verdict.ts'
export type { DecryptedRow, EncryptedRow } from './decrypt.ts'
export {
  DuplicateRequestError,
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
export type { Renderer, RenderInput } from './renderer.ts'
export { Requeuest } from './requeuest.ts'
export type { AcceptedResponse } from './response.ts'
export type {
  AttemptEvent,
  BreakerClosedEvent,
  BreakerOpenedEvent,
  ClaimLostEvent,
  DeliveredEvent,
  FailedEvent,
  OriginPausedEvent,
  RequeuestEventName,
  RequeuestEvents,
  RescuedEvent,
} from './runtime/events.ts'
export type { Schedule } from './schedules.ts'
export type { HandlerOptions, Settled, SettledHandler, SettledRequest } from './settled.ts'
export type { DedupeOptions } from './spawn/dedupe-options.ts'
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
export type { SpawnItemOptions, SpawnManyItem, SpawnManyOptions } from './spawn/many.ts'
export type { Order, SpawnOptions, SpawnReturningOptions } from './spawn/options.ts'
export type { ScheduleDefinition, ScheduleOptions } from './spawn/schedule.ts'
export type { StartOptions, StopOptions } from './start-options.ts'
export type { PrismaClientLike, PrismaStatement, PrismaTransactionLike, TransactionOf } from './store/db.ts'
export type { ListenClient } from './store/listen-client.ts'
export { statementName } from './store/statement-name.ts'
export type { WaitOptions } from './wait.ts'
