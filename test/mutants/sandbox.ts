import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { applyChange, type Change } from './change.ts'

export const ROOT = path.resolve(import.meta.dirname, '../..')
/** All that the tests of the mutants need. */
const COPIED = [
  'src',
  'prisma',
  'generated',
  'test',
  'examples',
  'package.json',
  'prisma.config.ts',
  'tsconfig.json',
  'vitest.config.ts',
]

/** A copy of this repository that may be broken. */
export class Sandbox implements Disposable {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'requeuest-mutants-')))

  constructor() {
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(this.folder, name), { recursive: true })
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.folder, 'node_modules'))
  }

  /** Breaks the copy while `work` is done. */
  async with<T>(changes: readonly Change[], work: () => Promise<T>): Promise<T> {
    const broken: string[] = []
    try {
      for (const change of changes) broken.push(applyChange(change, this.folder))
      return await work()
    } finally {
      for (const file of broken) cpSync(path.join(ROOT, file), path.join(this.folder, file))
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
