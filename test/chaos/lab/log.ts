import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Appends one line an entry, and returns when the operating system has it: a killed process loses nothing it logged. */
export function openLog<T>(file: string): (entry: T) => void {
  const fd = openSync(file, 'a')
  return (entry) => {
    writeSync(fd, `${JSON.stringify(entry)}\n`)
  }
}

export function readLog<T>(file: string): T[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T)
}
