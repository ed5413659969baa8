import { expect } from 'vitest'
import { matchers, type RequeuestMatchers } from './matchers.ts'

expect.extend(matchers)

declare module 'vitest' {
  interface Matchers<T> extends RequeuestMatchers {}
}

export type { RequeuestMatchers }
