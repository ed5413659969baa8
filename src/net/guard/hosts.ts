import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { exhaustedBy } from '../../runtime/exhausted.ts'

const PATH =
  process.platform === 'win32'
    ? join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts')
    : '/etc/hosts'

/** The file in which this machine's names are kept. It is read again when it has changed. */
export class HostsFile {
  readonly #path: string
  #version = ''
  #byName: ReadonlyMap<string, string[]> = new Map()

  constructor(path = PATH) {
    this.#path = path
  }

  /** The addresses of a name in lower case, in the file's order. Throws when there is nothing left to open the file with. */
  addresses(name: string): readonly string[] {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const version = `${mtimeMs},${size},${ino}`
      if (version !== this.#version) this.#byName = parse(readFileSync(this.#path, 'utf8'))
      this.#version = version
    } catch (error) {
      if (exhaustedBy(error) !== null) throw error
      this.#byName = new Map()
    }
    return this.#byName.get(name) ?? []
  }
}

function parse(text: string): Map<string, string[]> {
  const byName = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0 || address.includes('%')) continue
    for (const name of names) {
      const known = byName.get(name.toLowerCase())
      if (known) known.push(address)
      else byName.set(name.toLowerCase(), [address])
    }
  }
  return byName
}
