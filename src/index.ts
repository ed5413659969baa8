export {
  type AuthorizedRenderer,
  type BearerOptions,
  bearer,
  type ClientCredentialsOptions,
  oauth2ClientCredentials,
  type RequestArgs,
} from './auth.ts'
export type { BreakerOptions } from './breaker-options.ts'
export type { CancelResult } from './control/cancel.ts'
export type { FilterOneOf, FilterRange, RequestFilter } from './control/filter.ts'
export type { LimitOptions, RateOptions } from './control/limits.ts'
export type { ChangeResult, ControlOptions } from './control/options.ts'
export type { PauseResult } from './control/pause.ts'
export type { RedriveOptions, RedriveResult } from './control/redrive.ts'
export type { RetargetInput } from './control/retarget.ts'
export type { ClearTarget, ControlTarget, LineTarget } from './control/target.ts'
export type { AcceptRule } from './core/accept.ts'
export type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
export type { BackoffOptions } from './core/backoff.ts'
export type { Duration } from './core/duration.ts'
export type { StatusAction, StatusRules } from './core/on-status.ts'
export type { FailureCode } from './core/outcome.ts'
export type { PolicyPreset } from './core/presets.ts'
export type { RenderedRequest } from './core/rendering.ts'
export type { DuplicateAction, HeaderPairs, LineFailureAction, RequestState } from './core/request.ts'
export type { RetentionOptions } from './core/retention.ts'
export type { RetryOptions } from './core/retry-options.ts'
export type { BackoffJitter } from './core/retry-policy.ts'
export type { ScheduleCatchUp } from './core/schedule.ts'
export type { AttemptCase, AttemptDecider, AttemptVerdict } from './core/verdict.ts'
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
export { type RequeuestExtension, requeuestExtension } from './extension.ts'
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
export type { RendererInput, RequestRenderer } from './renderer.ts'
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
export type { FoundSchedule } from './schedules.ts'
export type { SettledHandler, SettledHandlerOptions, SettledInput, SettledRequest } from './settled.ts'
export type { DedupeOptions, SpawnManyDedupeOptions } from './spawn/dedupe-options.ts'
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
export type { SpawnOptions, SpawnReturningOptions } from './spawn/options.ts'
export type { OrderOptions } from './spawn/order-options.ts'
export type { ScheduleDefinition, ScheduleOptions } from './spawn/schedule.ts'
export type { StartOptions, StopOptions } from './start-options.ts'
export type { PrismaClientLike, PrismaStatement, PrismaTransactionLike, TransactionOf } from './store/db.ts'
export type { ListenClient } from './store/listen-client.ts'
export { statementName } from './store/statement-name.ts'
export type { WaitOptions } from './wait.ts'
