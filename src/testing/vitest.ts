// As vitest.mts, for projects in which TypeScript reads `import` as `require`. Vitest itself runs the other one.
import { expect } from 'vitest'
import { matchers, type RequeuestMatchers } from './matchers.ts'

expect.extend(matchers)

declare module 'vitest' {
  interface Matchers<T> extends RequeuestMatchers {}
}

export type { RequeuestMatchers }
