import { version } from './embedded-version.ts'

/**
 * What all copies of this package in a process have together, by its name: bundlers make one copy for each entry of an application,
 * as Next.js does for its routes, and an instance or an error of one gets into the hands of another.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(`requeuest ${version} ${name}`)
  const holder = globalThis as { [key]?: T }
  holder[key] ??= make()
  return holder[key]
}
