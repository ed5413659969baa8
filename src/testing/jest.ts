import { expect } from '@jest/globals'
import { matchers, type RequeuestMatchers } from './matchers.ts'

expect.extend(matchers)

// What `expect` of `@jest/globals` has.
declare module 'expect' {
  interface Matchers<R> extends RequeuestMatchers {}
}

// What `expect` has with `@types/jest`.
declare global {
  namespace jest {
    interface Matchers<R, T> extends RequeuestMatchers {}
  }
}

export type { RequeuestMatchers }
