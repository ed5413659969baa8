import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './postgres.ts'

/** It refuses to run as root, so then it runs as the user that owns nothing. */
const NOBODY = 65534
const isRoot = process.getuid?.() === 0
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {}

export interface PgBouncer {
  /** The given URL, through the pool. */
  through(url: string): string
  /** Connection string of its console. */
  consoleUrl: string
  stop(): Promise<void>
}

// Debian puts it where only root looks.
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }

export const hasPgBouncer = spawnSync('pgbouncer', ['--version'], { env, stdio: 'ignore' }).status === 0

/** Starts a pool in transaction mode in front of a server. */
export async function startPgBouncer(serverUrl: string, poolSize: number): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl)
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-pgbouncer-'))
  const users = path.join(home, 'users.txt')
  const config = path.join(home, 'pgbouncer.ini')
  const port = await freePort()
  writeFileSync(users, `"${username}" "${password}"\n`)
  writeFileSync(
    config,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
admin_users = ${username}
pool_mode = transaction
default_pool_size = ${poolSize}
ignore_startup_parameters = options
server_login_retry = 1
`,
  )
  if (isRoot) for (const file of [home, users, config]) chownSync(file, NOBODY, NOBODY)
  const child = spawn('pgbouncer', [config], { ...identity, env, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const log: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    log.push(line)
    if (line.includes('process up')) break
  }
  if (child.exitCode !== null) throw new Error(`PgBouncer did not start:\n${log.join('\n')}`)
  child.stderr.resume()

  const at = (url: string) => Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href
  return {
    through: at,
    consoleUrl: Object.assign(new URL(at(serverUrl)), { pathname: '/pgbouncer' }).href,
    async stop() {
      process.removeListener('exit', kill)
      const exited = once(child, 'exit')
      kill()
      await exited
      rmSync(home, { recursive: true, force: true })
    },
  }
}
