import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

/** Compiles a program as an app would, for tests of what a process takes: loading TypeScript takes a lot itself. */
export async function compile(file: string): Promise<string> {
  // Below node_modules, so that the packages are found from there.
  const cache = path.join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'requeuest-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const compilerOptions = { noEmit: false, rootDir: root, outDir: folder, rewriteRelativeImportExtensions: true }
  const config = { extends: path.join(root, 'tsconfig.json'), compilerOptions, include: [], files: [file] }
  const project = path.join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify(config))
  await promisify(execFile)(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', project])
  return path.join(folder, path.relative(root, file)).replace(/\.ts$/, '.js')
}
