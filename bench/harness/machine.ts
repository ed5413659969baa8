import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import os from 'node:os'
import type { NodeBinary } from './nodes.ts'
import type { Server } from './postgres.ts'
import { redisVersion } from './redis.ts'

const require = createRequire(import.meta.url)

/** What the numbers were measured on. */
export interface Machine {
  cpu: string
  cores: number
  memoryGb: number
  system: string
}

export function describeMachine(): Machine {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
  }
}

const PACKAGES = ['@prisma/client', '@prisma/adapter-pg', 'pg', 'undici', 'graphile-worker', 'pg-boss', 'bullmq']

/** Versions of all that took part. */
export function describeVersions({ node, server }: { node: NodeBinary; server: Server }): Record<string, string> {
  return {
    node: node.binary === process.execPath ? process.version : nodeVersion(node.binary),
    postgres: server.version,
    redis: redisVersion() ?? 'none',
    ...Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name) ?? 'none'])),
  }
}

function nodeVersion(binary: string): string {
  return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
}

/** Read from the file, since not every package exports its manifest; null when it is not installed. */
export function packageVersion(name: string): string | null {
  const folder = require.resolve.paths(name)?.map((base) => `${base}/${name}/package.json`) ?? []
  for (const file of folder) {
    try {
      return require(file).version
    } catch {}
  }
  return null
}
