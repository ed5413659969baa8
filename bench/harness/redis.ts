import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../test/support/postgres.ts'
import { processCpuSeconds } from './proc.ts'

export interface Redis extends AsyncDisposable {
  port: number
  cpuSeconds(): number | null
  /** Forgets everything. */
  clear(): Promise<void>
}

/** The version of the `redis-server` on the path; null without one. */
export function redisVersion(): string | null {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  return status === 0 ? (/v=(\S+)/.exec(stdout)?.[1] ?? 'unknown') : null
}

/** Starts a Redis of our own that writes its log to disk every second, as those do that keep jobs in it. */
export async function startRedis(): Promise<Redis> {
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-redis-'))
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction']
  const server = spawn('redis-server', [...settings, ...durable], { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => {
    server.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
  process.once('exit', kill)
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.includes('Ready to accept connections')) break
  }
  if (server.exitCode !== null) throw new Error('Redis did not start')
  server.stdout.resume()
  return {
    port,
    cpuSeconds: () => processCpuSeconds(server.pid as number),
    clear: () => flushAll(port),
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', kill)
      const exited = once(server, 'exit')
      server.kill('SIGKILL')
      await exited
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Redis also takes a command as a line of text, so that no client is needed for this one. */
async function flushAll(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write('FLUSHALL\r\n')
  const [answer] = (await once(socket, 'data')) as [string]
  socket.destroy()
  if (answer !== '+OK\r\n') throw new Error(`Redis did not forget everything: ${answer}`)
}
