import { expectTypeOf } from 'vitest'
import type * as board from '../../src/dashboard/index.ts'
import type * as api from '../../src/index.ts'
import type * as kit from '../../src/testing/index.ts'

type IsAny<T> = 0 extends 1 & T ? true : false
type BuiltIn =
  | Date
  | Headers
  | URL
  | Request
  | AbortSignal
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | Blob
type Leaf = BuiltIn | ReadableStream | Error | TemplateStringsArray | string | number | bigint | boolean | symbol | null

/**
 * The paths below `T` at which there is an `any`, or never. Functions are followed into what they take and return,
 * promises and lists into what they hold. What the platform declares is not looked into: lists and tuples in
 * particular have methods without end.
 */
type AnyIn<T, Path extends string = '', Depth extends 0[] = []> =
  IsAny<T> extends true
    ? Path
    : Depth['length'] extends 5
      ? never
      : T extends Leaf | undefined
        ? never
        : T extends PromiseLike<infer V>
          ? AnyIn<V, `${Path} awaited`, [...Depth, 0]>
          : T extends readonly (infer E)[]
            ? AnyIn<E, `${Path}[]`, [...Depth, 0]>
            : T extends (...args: infer A) => infer R
              ? AnyIn<A[number], `${Path}()`, [...Depth, 0]> | AnyIn<R, `${Path} returns`, [...Depth, 0]>
              : { [K in keyof T & string]: AnyIn<T[K], `${Path}.${K}`, [...Depth, 0]> }[keyof T & string]

// The check sees an `any` wherever it hides, and nothing where there is none.
// biome-ignore lint/suspicious/noExplicitAny: what the check is for
type Hiding = any
expectTypeOf<AnyIn<Hiding, 'a'>>().toEqualTypeOf<'a'>()
expectTypeOf<AnyIn<{ b?: { c: Hiding } }, 'a'>>().toEqualTypeOf<'a.b.c'>()
expectTypeOf<AnyIn<() => Promise<Hiding>, 'a'>>().toEqualTypeOf<'a returns awaited'>()
expectTypeOf<AnyIn<{ on(listener: (event: Hiding) => void): void }, 'a'>>().toEqualTypeOf<'a.on()()'>()
expectTypeOf<AnyIn<(one: string, other: { b: Hiding[] }) => void, 'a'>>().toEqualTypeOf<'a().b[]'>()
expectTypeOf<AnyIn<{ b: string; c: unknown; d: () => Promise<number[]> }>>().toBeNever()

// Every method of the facade: what it takes and what it returns.
type Methods = {
  [K in keyof api.Requeuest]: api.Requeuest[K]
}
expectTypeOf<keyof Methods>().toEqualTypeOf<
  | 'spawn'
  | 'spawnMany'
  | 'spawnReturning'
  | 'waitFor'
  | 'find'
  | 'clear'
  | 'decrypt'
  | 'cancel'
  | 'reschedule'
  | 'retarget'
  | 'redrive'
  | 'onSettled'
  | 'release'
  | 'pause'
  | 'resume'
  | 'setLimits'
  | 'schedule'
  | 'unschedule'
  | 'pauseSchedule'
  | 'resumeSchedule'
  | 'runSchedule'
  | 'schedules'
  | 'renderer'
  | 'start'
  | 'drain'
  | 'stop'
  | 'migrate'
  | 'on'
  | 'off'
  | 'inspect'
  | typeof Symbol.asyncDispose
>()
expectTypeOf<AnyIn<Methods['spawn'], 'spawn'>>().toBeNever()
expectTypeOf<AnyIn<Methods['spawnMany'], 'spawnMany'>>().toBeNever()
expectTypeOf<AnyIn<Methods['spawnReturning'], 'spawnReturning'>>().toBeNever()
expectTypeOf<AnyIn<Methods['waitFor'], 'waitFor'>>().toBeNever()
expectTypeOf<AnyIn<Methods['decrypt'], 'decrypt'>>().toBeNever()
expectTypeOf<AnyIn<Methods['find'], 'find'>>().toBeNever()
expectTypeOf<AnyIn<Methods['clear'], 'clear'>>().toBeNever()
expectTypeOf<AnyIn<Methods['drain'], 'drain'>>().toBeNever()
expectTypeOf<AnyIn<Methods['cancel'], 'cancel'>>().toBeNever()
expectTypeOf<AnyIn<Methods['reschedule'], 'reschedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['retarget'], 'retarget'>>().toBeNever()
expectTypeOf<AnyIn<Methods['redrive'], 'redrive'>>().toBeNever()
expectTypeOf<AnyIn<Methods['onSettled'], 'onSettled'>>().toBeNever()
expectTypeOf<AnyIn<Methods['release'], 'release'>>().toBeNever()
expectTypeOf<AnyIn<Methods['pause'], 'pause'>>().toBeNever()
expectTypeOf<AnyIn<Methods['resume'], 'resume'>>().toBeNever()
expectTypeOf<AnyIn<Methods['setLimits'], 'setLimits'>>().toBeNever()
expectTypeOf<AnyIn<Methods['schedule'], 'schedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['unschedule'], 'unschedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['pauseSchedule'], 'pauseSchedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['resumeSchedule'], 'resumeSchedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['runSchedule'], 'runSchedule'>>().toBeNever()
expectTypeOf<AnyIn<Methods['schedules'], 'schedules'>>().toBeNever()
expectTypeOf<AnyIn<Methods['renderer'], 'renderer'>>().toBeNever()
expectTypeOf<AnyIn<Methods['start'], 'start'>>().toBeNever()
expectTypeOf<AnyIn<Methods['stop'], 'stop'>>().toBeNever()
expectTypeOf<AnyIn<Methods['migrate'], 'migrate'>>().toBeNever()
expectTypeOf<AnyIn<Methods['inspect'], 'inspect'>>().toBeNever()
expectTypeOf<AnyIn<ConstructorParameters<typeof api.Requeuest>, 'new'>>().toBeNever()

// Every exported type that a caller gives or is given.
expectTypeOf<AnyIn<api.AcceptRule, 'AcceptRule'>>().toBeNever()
expectTypeOf<AnyIn<api.AcceptedResponse, 'AcceptedResponse'>>().toBeNever()
expectTypeOf<AnyIn<api.RequeuestEvents, 'RequeuestEvents'>>().toBeNever()
expectTypeOf<AnyIn<api.RequeuestOptions, 'RequeuestOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.SpawnOptions, 'SpawnOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.SpawnManyOptions, 'SpawnManyOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.SpawnReturningOptions, 'SpawnReturningOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.SpawnItemOptions, 'SpawnItemOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.ScheduleOptions, 'ScheduleOptions'>>().toBeNever()
expectTypeOf<AnyIn<api.AttemptDecider, 'AttemptDecider'>>().toBeNever()
expectTypeOf<AnyIn<api.Duration, 'Duration'>>().toBeNever()
expectTypeOf<AnyIn<api.HttpRequestInput, 'HttpRequestInput'>>().toBeNever()
expectTypeOf<AnyIn<api.FoundRequest, 'FoundRequest'>>().toBeNever()
expectTypeOf<AnyIn<api.PrismaClientLike, 'PrismaClientLike'>>().toBeNever()
expectTypeOf<AnyIn<typeof api.http, 'http'>>().toBeNever()

// The testing kit.
expectTypeOf<AnyIn<kit.TestKit, 'TestKit'>>().toBeNever()
expectTypeOf<AnyIn<kit.Receiver, 'Receiver'>>().toBeNever()
expectTypeOf<AnyIn<kit.Script, 'Script'>>().toBeNever()
expectTypeOf<AnyIn<kit.TestDatabase, 'TestDatabase'>>().toBeNever()
expectTypeOf<AnyIn<Parameters<typeof kit.testing>[1], 'TestingOptions'>>().toBeNever()

// The dashboard.
expectTypeOf<AnyIn<board.Dashboard, 'Dashboard'>>().toBeNever()
expectTypeOf<AnyIn<board.DashboardOptions, 'DashboardOptions'>>().toBeNever()
