/** One statement that the server has run. */
export interface Statement {
  database: string
  /** Parsing, planning and running it. */
  ms: number
  text: string
}

const ENTRY = /^(\d+) (\S*) LOG: {2}duration: ([\d.]+) ms {2}(parse|bind|execute|statement).*?: (.*)$/
const RUNS = ['execute', 'statement']

/**
 * Reads the server's log line by line: what a statement took on the server. Measured by a client that is busy sending,
 * the same statement seems to take as long as that client's event loop is late.
 */
export class StatementLog {
  /** What parsing and planning took, by process: it is logged before the run. */
  readonly #prepared = new Map<string, number>()
  #statements: Statement[] = []
  #last: Statement | undefined

  read(line: string): void {
    if (line.startsWith('\t')) {
      if (this.#last) this.#last.text += `\n${line.slice(1)}`
      return
    }
    this.#last = undefined
    const [, process = '', database = '', duration, step = '', text = ''] = ENTRY.exec(line) ?? []
    if (duration === undefined) return
    const ms = Number(duration) + (this.#prepared.get(process) ?? 0)
    if (!RUNS.includes(step)) {
      this.#prepared.set(process, ms)
      return
    }
    this.#prepared.delete(process)
    this.#last = { database, ms, text }
    this.#statements.push(this.#last)
  }

  /** What was run since the last call. */
  take(): Statement[] {
    return this.#statements.splice(0)
  }
}

/** Whether a statement of Requeuest claims. */
export function isClaim({ text }: Statement): boolean {
  return text.includes('/* requeuest:claimRequests */')
}
