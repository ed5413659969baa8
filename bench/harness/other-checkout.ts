import { execFile } from 'node:child_process'
import { cpSync, existsSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Compiled, compileIn } from '../../test/support/compile.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const BENCH = path.join(ROOT, 'bench')

/** Throws what is to be shown to whoever named the folder. */
export function checkCheckout(folder: string): void {
  if (existsSync(prismaIn(folder))) return
  throw new Error(`${folder} is no checkout of the library with its packages; \`npm ci\` installs them there.`)
}

/**
 * The programs of this bench with the library of another checkout, and with the packages that are installed there. So
 * both are measured by the same bench, and what it sets has to be known to both.
 *
 * @param programs - as this checkout has them
 * @returns where each of them is, by its file in this checkout
 */
export async function compileWith(checkout: string, programs: Compiled): Promise<Compiled> {
  const folder = path.resolve(checkout)
  await promisify(execFile)(prismaIn(folder), ['generate'], { cwd: folder })
  const library = ['src/index.ts', 'generated/prisma/client.ts'].map((file) => path.join(folder, file))
  const other = await compileIn(folder, ...library)
  const of = (file: string) => other.of(path.join(folder, path.relative(ROOT, file)))
  cpSync(programs.of(BENCH), of(BENCH), { recursive: true })
  symlinkSync(path.join(BENCH, 'node_modules'), of(path.join(BENCH, 'node_modules')))
  return { of, remove: other.remove }
}

function prismaIn(folder: string): string {
  return path.join(path.resolve(folder), 'node_modules/.bin/prisma')
}
