import { expect } from 'vitest'
import { matchers } from './matchers.ts'
import type {} from './vitest-matchers.ts'

expect.extend(matchers)
