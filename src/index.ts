export type { Duration } from './check/duration.ts'
export type { CancelOptions, CancelResult } from './control/cancel.ts'
export type { FilterOneOf, FilterRange, RequestFilter } from './control/filter.ts'
export type { LimitOptions, RateOptions } from './control/limits.ts'
export type { PauseResult } from './control/pause.ts'
export type { RedriveOptions, RedriveResult } from './control/redrive.ts'
export type { RetargetInput } from './control/retarget.ts'
export type { ClearTarget, ControlTarget, LineTarget } from './control/target.ts'
export {
  type AuthorizedRenderer,
  type BearerOptions,
  bearer,
  type ClientCredentialsOptions,
  oauth2ClientCredentials,
  type RequestArgs,
} from './deliver/auth.ts'
export type { RendererInput, RequestRenderer } from './deliver/renderer.ts'
export type { EncryptionOptions } from './encryption/keys.ts'
export {
  DuplicateRequestError,
  InvalidInputError,
  RequestCancelledError,
  RequestFailedError,
  RequeuestError,
  type RequeuestErrorCode,
  WaitTimeoutError,
} from './errors.ts'
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
} from './events/event.ts'
export { type RequeuestExtension, requeuestExtension } from './extension.ts'
export type { SettledHandler, SettledHandlerOptions, SettledInput, SettledRequest } from './handlers/settled.ts'
export type {
  ActivityFigures,
  ActivityOptions,
  ActivityPoint,
  ActivityReport,
  ActivitySeries,
} from './inspect/activity.ts'
export type { BoundedCount } from './inspect/bounded-count.ts'
export type { FoundChannel } from './inspect/channels.ts'
export type { FailureGroup, FailureOptions, FailureReport } from './inspect/failures.ts'
export type { Inspect } from './inspect/inspect.ts'
export type { HeldLine } from './inspect/lines.ts'
export type { FoundOrigin, OriginOptions } from './inspect/origins.ts'
export type { OutcomeGroup, OutcomeOptions, OutcomeReport } from './inspect/outcomes.ts'
export type { ListedRequest, ListOptions, RequestPage } from './inspect/requests.ts'
export type { FoundWorker } from './inspect/workers.ts'
export type { MigrateOptions } from './instance/migrate.ts'
export {
  type BodyInput,
  type HeadersInput,
  type HttpRequestInit,
  type HttpRequestInput,
  type HttpRequestParts,
  http,
  type RenderRequest,
  type SpawnInput,
} from './message/input.ts'
export type { HeaderPairs } from './message/message.ts'
export type { RenderedRequest } from './message/rendering.ts'
export type { BreakerOptions } from './options/breaker.ts'
export type { ChangeResult, ControlOptions } from './options/control.ts'
export type { DedupeOptions, SpawnManyDedupeOptions } from './options/dedupe.ts'
export type { DispatcherLike } from './options/dispatcher.ts'
export type { DrainOptions, DrainResult } from './options/drain.ts'
export type {
  ChannelOptions,
  NetworkOptions,
  PolicyOptions,
  RequeuestOptions,
  SigningKeys,
  SigningOptions,
  SigningRequest,
  TlsOptions,
  TransportOptions,
} from './options/instance.ts'
export type { LoggerLike } from './options/logger.ts'
export type { OrderOptions } from './options/order.ts'
export type { RetryOptions } from './options/retry.ts'
export type { SpawnOptions, SpawnReturningOptions } from './options/spawn.ts'
export type { StartOptions, StopOptions } from './options/start.ts'
export type { AcceptRule } from './policy/accept.ts'
export type { AttemptFacts, AttemptOutcome } from './policy/attempt.ts'
export type { BackoffOptions } from './policy/backoff.ts'
export type { StatusAction, StatusRules } from './policy/on-status.ts'
export type { FailureCode } from './policy/outcome.ts'
export type { PolicyPreset } from './policy/presets.ts'
export type { DuplicateAction, LineFailureAction, RequestState } from './policy/request.ts'
export type { RetentionOptions } from './policy/retention.ts'
export type { BackoffJitter } from './policy/retry-policy.ts'
export type { ScheduleCatchUp } from './policy/schedule.ts'
export type { RateLimit } from './policy/scope.ts'
export type { AttemptCase, AttemptDecider, AttemptVerdict } from './policy/verdict.ts'
export { Requeuest } from './requeuest.ts'
export type { DecryptedRow, EncryptedRow } from './results/decrypt.ts'
export type { FindOptions, FoundAttempt, FoundRequest } from './results/find.ts'
export type { AcceptedResponse } from './results/response.ts'
export type { WaitOptions } from './results/wait.ts'
export type { ScheduleDefinition, ScheduleOptions } from './schedules/definition.ts'
export type { FoundSchedule } from './schedules/schedules.ts'
export type { SpawnItemOptions, SpawnManyItem, SpawnManyOptions } from './spawn/spawn-many.ts'
export type { PrismaClientLike, PrismaStatement, PrismaTransactionLike, TransactionOf } from './store/db.ts'
export type { ListenClient } from './store/listen-client.ts'
export { statementName } from './store/statement-name.ts'
