import type { Client } from 'pg'
import { expectTypeOf } from 'vitest'
import type { Prisma } from '../../generated/prisma/client.ts'
import type {
  AcceptedResponse,
  AttemptEvent,
  AttemptOutcome,
  BreakerClosedEvent,
  BreakerOpenedEvent,
  CancelResult,
  ChangeResult,
  ClaimLostEvent,
  DeliveredEvent,
  FailedEvent,
  FailureCode,
  FoundAttempt,
  FoundRequest,
  FoundSchedule,
  HeaderPairs,
  InvalidInputError,
  ListenClient,
  OriginPausedEvent,
  PauseResult,
  PrismaTransactionLike,
  RedriveResult,
  RequestFailedError,
  RequestState,
  Requeuest,
  RequeuestError,
  RequeuestErrorCode,
  RequeuestEventName,
  RequeuestEvents,
  RescuedEvent,
  StartOptions,
} from '../../src/index.ts'

declare const requeuest: Requeuest
declare const requeuestTx: PrismaTransactionLike
declare const response: AcceptedResponse
const url = 'https://example.com/'

// What each method returns, exactly.
expectTypeOf(requeuest.spawn('a', url)).toEqualTypeOf<Promise<string>>()
expectTypeOf(requeuest.spawnMany('a', [url])).toEqualTypeOf<Promise<string[]>>()
expectTypeOf(requeuest.spawnReturning('a', url)).toEqualTypeOf<Promise<AcceptedResponse>>()
expectTypeOf(requeuest.waitFor('id')).toEqualTypeOf<Promise<AcceptedResponse>>()
expectTypeOf(requeuest.find('id')).toEqualTypeOf<Promise<FoundRequest | null>>()
expectTypeOf(requeuest.clear('all')).toEqualTypeOf<Promise<number>>()
expectTypeOf(requeuest.clear({ channel: 'a' })).toEqualTypeOf<Promise<number>>()
expectTypeOf(requeuest.clear({ channel: { in: ['a', 'b'] } }, { tx: requeuestTx })).toEqualTypeOf<Promise<number>>()
expectTypeOf(requeuest.cancel('id')).toEqualTypeOf<Promise<CancelResult>>()
expectTypeOf(requeuest.cancel({ channel: { in: ['a'] } })).toEqualTypeOf<Promise<CancelResult>>()
expectTypeOf(requeuest.reschedule('id', new Date())).toEqualTypeOf<Promise<ChangeResult>>()
expectTypeOf(requeuest.retarget('id', { url })).toEqualTypeOf<Promise<ChangeResult>>()
expectTypeOf(requeuest.redrive({ state: 'failed' })).toEqualTypeOf<Promise<RedriveResult>>()
expectTypeOf<ChangeResult['state']>().toEqualTypeOf<RequestState | null>()
expectTypeOf(requeuest.release({ channel: 'a' })).toEqualTypeOf<Promise<boolean>>()
expectTypeOf(requeuest.release({ channel: 'a', key: 'b' }, { tx: requeuestTx })).toEqualTypeOf<Promise<boolean>>()
expectTypeOf(requeuest.pause({ channel: 'a' })).toEqualTypeOf<Promise<PauseResult>>()
expectTypeOf(requeuest.resume({ origin: new URL(url) })).toEqualTypeOf<Promise<boolean>>()
expectTypeOf(requeuest.schedules()).toEqualTypeOf<Promise<FoundSchedule[]>>()
expectTypeOf(requeuest.start({ channels: ['a'] })).toEqualTypeOf<Promise<void>>()
expectTypeOf(requeuest.start({ channels: 'all', concurrency: 5 })).toEqualTypeOf<Promise<void>>()
expectTypeOf<StartOptions['listen']>().toEqualTypeOf<'auto' | false | (() => ListenClient) | undefined>()
expectTypeOf<Client>().toExtend<ListenClient>()
expectTypeOf(requeuest.stop()).toEqualTypeOf<Promise<void>>()
expectTypeOf(requeuest.stop({ timeout: '5s' })).toEqualTypeOf<Promise<void>>()
expectTypeOf(requeuest.migrate()).toEqualTypeOf<Promise<{ applied: string[] }>>()
expectTypeOf(requeuest[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>()
expectTypeOf(requeuest).toExtend<AsyncDisposable>()

// The accepted response.
expectTypeOf(response.status).toBeNumber()
expectTypeOf(response.headers).toEqualTypeOf<Headers>()
expectTypeOf(response.body).toEqualTypeOf<Uint8Array>()
expectTypeOf(response.bodyTruncated).toBeBoolean()
expectTypeOf(response.attempts).toBeNumber()
expectTypeOf(response.text()).toBeString()
expectTypeOf(response.json()).toBeUnknown()
expectTypeOf(response.json<{ id: number }>()).toEqualTypeOf<{ id: number }>()

// What is found.
expectTypeOf<FoundRequest['state']>().toEqualTypeOf<RequestState>()
expectTypeOf<FoundRequest['failureCode']>().toEqualTypeOf<FailureCode | null>()
expectTypeOf<FoundRequest['headers']>().toEqualTypeOf<HeaderPairs>()
expectTypeOf<FoundRequest['finishedAt']>().toEqualTypeOf<Date | null>()
expectTypeOf<FoundRequest['attempts']>().toEqualTypeOf<FoundAttempt[]>()
expectTypeOf<FoundAttempt['outcome']>().toEqualTypeOf<AttemptOutcome>()
// The names are those of the database, so that both ways of reading agree.
type RequestRow = Prisma.HttpRequestGetPayload<object>
type AttemptRow = Prisma.HttpAttemptGetPayload<object>
expectTypeOf<RequestState>().toEqualTypeOf<RequestRow['state']>()
expectTypeOf<AttemptOutcome>().toEqualTypeOf<AttemptRow['outcome']>()
expectTypeOf<Exclude<keyof FoundRequest, keyof RequestRow>>().toEqualTypeOf<'attempts' | 'attemptsRecorded'>()
expectTypeOf<Exclude<keyof FoundAttempt, keyof AttemptRow>>().toBeNever()
// What is found is decrypted.
expectTypeOf<Exclude<keyof AttemptRow, keyof FoundAttempt>>().toEqualTypeOf<'requestId' | 'encryptionKey'>()

// Every event with its payload.
expectTypeOf<RequeuestEventName>().toEqualTypeOf<
  | 'attempt'
  | 'delivered'
  | 'failed'
  | 'claimLost'
  | 'rescued'
  | 'originPaused'
  | 'breakerOpened'
  | 'breakerClosed'
  | 'error'
  | 'warning'
>()
expectTypeOf<RequeuestEvents>().toEqualTypeOf<{
  attempt: AttemptEvent
  delivered: DeliveredEvent
  failed: FailedEvent
  claimLost: ClaimLostEvent
  rescued: RescuedEvent
  originPaused: OriginPausedEvent
  breakerOpened: BreakerOpenedEvent
  breakerClosed: BreakerClosedEvent
  error: RequeuestError
  warning: { message: string }
}>()
requeuest.on('attempt', (event) => expectTypeOf(event).toEqualTypeOf<AttemptEvent>())
requeuest.on('error', (event) => expectTypeOf(event).toEqualTypeOf<RequeuestError>())
requeuest.off('failed', (event) => expectTypeOf(event).toEqualTypeOf<FailedEvent>())
requeuest.on('delivered', async () => {})
expectTypeOf(requeuest.on('delivered', () => {})).toEqualTypeOf<Requeuest>()
expectTypeOf<FailedEvent['failureCode']>().toEqualTypeOf<FailureCode>()

// @ts-expect-error a channel by its name alone
void requeuest.clear('a')
// @ts-expect-error a list of channels
void requeuest.clear(['a'])
// @ts-expect-error nothing
void requeuest.clear()
// @ts-expect-error a receiver has no line
void requeuest.release({ origin: url })
// @ts-expect-error a line that cannot be paused
void requeuest.pause({ channel: 'a', key: 'b' })
// @ts-expect-error a unit that there is not
void requeuest.stop({ timeout: '5 seconds' })
// @ts-expect-error the name that it has in events
void requeuest.setLimits({ channel: 'a' }, { rate: { limit: 5, intervalMs: 5 } })

// @ts-expect-error an unknown event
requeuest.on('sent', () => {})
// @ts-expect-error the payload of another event
requeuest.on('attempt', (event: FailedEvent) => event)
// @ts-expect-error no such key in the payload
requeuest.on('failed', (event) => event.statusCode)
// @ts-expect-error no function
requeuest.on('attempt', 5)
// @ts-expect-error no options
void requeuest.start()
// @ts-expect-error no channels
void requeuest.start({})
// @ts-expect-error one channel is no list
void requeuest.start({ channels: 'billing' })
// @ts-expect-error misspelt
void requeuest.start({ channels: 'all', concurency: 5 })
// @ts-expect-error not what it can be
void requeuest.start({ channels: 'all', listen: true })
// @ts-expect-error a number
void requeuest.stop(5)
// @ts-expect-error a number is no id
void requeuest.find(5)
// @ts-expect-error misspelt
void requeuest.waitFor('id', { timeOut: 5 })
// @ts-expect-error no channel
void requeuest.clear()
// @ts-expect-error no order
void requeuest.release('a')
// @ts-expect-error a word as order
void requeuest.release('a', 'foo')

// Codes are literals, so that a switch over them can be checked.
declare const error: RequeuestError
declare const invalid: InvalidInputError
declare const failed: RequestFailedError
expectTypeOf(error.code).toEqualTypeOf<RequeuestErrorCode>()
expectTypeOf(invalid.code).toEqualTypeOf<'invalid_input'>()
expectTypeOf(failed.code).toEqualTypeOf<'request_failed'>()
expectTypeOf(invalid.field).toBeString()
// @ts-expect-error no such code
if (error.code === 'bad_input') throw error

// A row of either model can be decrypted, with what was selected of it.
expectTypeOf(requeuest.decrypt({} as RequestRow).headers).toEqualTypeOf<HeaderPairs | null>()
expectTypeOf(requeuest.decrypt({} as RequestRow).channel).toEqualTypeOf<string>()
expectTypeOf(requeuest.decrypt({} as AttemptRow).encryptionKey).toEqualTypeOf<null>()
type Selected = Pick<AttemptRow, 'requestId' | 'number' | 'headers' | 'body' | 'encryptionKey'>
expectTypeOf(requeuest.decrypt({} as Selected).number).toEqualTypeOf<number>()
// @ts-expect-error: without its key a row cannot be told from others
requeuest.decrypt({} as Pick<AttemptRow, 'headers' | 'body' | 'encryptionKey'>)
// @ts-expect-error: whether it is encrypted has to be known
requeuest.decrypt({} as Pick<RequestRow, 'id' | 'headers' | 'body'>)
