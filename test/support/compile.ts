import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const root = path.resolve(import.meta.dirname, '../..')

/** Programs in JavaScript, as an app would ship them. */
export interface Compiled {
  /** Where the compiled form of a file is. */
  of(file: string): string
  remove(): void
}

/** Compiles programs with all that they import: loading TypeScript takes a process a second and much memory. */
export async function compile(...files: string[]): Promise<Compiled> {
  return compileIn(root, ...files)
}

/** The same for another checkout, whose packages they then find. */
export async function compileIn(root: string, ...files: string[]): Promise<Compiled> {
  // Below node_modules, so that the packages are found from there.
  const cache = path.join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'requeuest-'))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const emit = { noEmit: false, rootDir: root, outDir: folder, rewriteRelativeImportExtensions: true }
  // `npm run test:types` checks them, and packages that a program loads on demand may be missing.
  const compilerOptions = { ...emit, noCheck: true }
  const config = { extends: path.join(root, 'tsconfig.json'), compilerOptions, include: [], files }
  const project = path.join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify(config))
  await promisify(execFile)(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', project])
  return {
    of: (file) => path.join(folder, path.relative(root, file)).replace(/\.ts$/, '.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
