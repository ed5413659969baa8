import { ExpectationError } from '../errors.ts'
import type { Requeuest } from '../requeuest.ts'
import type { ExpectSpawnedOptions } from './expect-spawned.ts'
import type { SpawnedFilter } from './spawned.ts'
import { TestKit, testing } from './testing.ts'

/** The matchers that `requeuest/testing/vitest` and `requeuest/testing/jest` add to `expect`. */
export interface RequeuestMatchers {
  /** Of a kit or an instance: that requests were spawned, as {@link TestKit.expectSpawned} looks for them. To be awaited. */
  toHaveSpawned(filter?: SpawnedFilter, options?: ExpectSpawnedOptions): Promise<void>
}

interface Result {
  pass: boolean
  message: () => string
}

/** For `expect.extend`. */
export const matchers = {
  async toHaveSpawned(
    received: unknown,
    filter: SpawnedFilter = {},
    options: ExpectSpawnedOptions = {},
  ): Promise<Result> {
    const kit = received instanceof TestKit ? received : testing(received as Requeuest)
    try {
      const found: readonly { id: string }[] = await kit.expectSpawned(filter, options)
      return { pass: true, message: () => `Expected no such requests, found ${found.map(({ id }) => id).join(', ')}.` }
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error
      return { pass: false, message: () => error.message }
    }
  },
}
