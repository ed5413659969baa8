import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * A package that comes with Prisma's adapter, from the project in this folder: `pg` is its own dependency, or that of its adapter.
 * Undefined if it is not installed.
 */
export function loadProjectPg<T>(folder: string): T | undefined {
  const project = createRequire(path.join(folder, 'package.json'))
  for (const load of [() => project('pg'), () => createRequire(project.resolve('@prisma/adapter-pg'))('pg')]) {
    try {
      return load() as T
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}
