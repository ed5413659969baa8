import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Change } from './mutant.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
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
    const originals = new Map(changes.map(({ file }) => [file, read(file)]))
    try {
      for (const { file, find, replace } of changes) {
        const target = path.join(this.folder, file)
        writeFileSync(
          target,
          readFileSync(target, 'utf8').replace(find, () => replace),
        )
      }
      return await work()
    } finally {
      for (const [file, text] of originals) writeFileSync(path.join(this.folder, file), text)
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** How often the text that a change replaces is in its file: once, or it is not known what the change does. */
export function countOccurrences({ file, find }: Change): number {
  return read(file).split(find).length - 1
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}
