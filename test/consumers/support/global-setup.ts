import { cpSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { run } from '../../support/run.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder with the packed package and all tools in its `node_modules`; the projects are made in it. */
    consumers: string
  }
}

const here = path.dirname(import.meta.dirname)
const root = path.resolve(here, '../..')

/** Packs the package and installs it beside the tools that the lockfile names: once, as that takes longest. */
export default async function setup(project: TestProject) {
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-consumers-'))
  const [packed] = JSON.parse(await run(root, 'npm', ['pack', '--json', '--pack-destination', home]))
  for (const file of ['package.json', 'package-lock.json']) cpSync(path.join(here, file), path.join(home, file))
  await run(home, 'npm', ['install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', packed.filename])
  project.provide('consumers', home)
  return () => rm(home, { recursive: true })
}
