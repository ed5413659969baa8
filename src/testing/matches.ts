import { isDeepStrictEqual } from 'node:util'

interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean
}

/**
 * Whether a value has all that is expected of it: objects may have further keys, everything else is compared as a whole. Matchers
 * such as `expect.any(Number)` are asked.
 */
export function matches(expected: unknown, actual: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual)
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((one, index) => matches(one, actual[index]))
    )
  }
  if (isObject(expected)) {
    return isObject(actual) && Object.entries(expected).every(([key, value]) => matches(value, actual[key]))
  }
  return isDeepStrictEqual(actual, expected)
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return typeof (value as Asymmetric | null | undefined)?.asymmetricMatch === 'function'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
