import { CliError } from '../failure.ts'

export interface SchemaFile {
  path: string
  text: string
}

/** A field, a value of an enum, a setting of a generator, or an attribute of a whole block (`@@index`). */
export interface Entry {
  name: string
  /** The name in the database. */
  column: string
  /** Type of a field, without `?` and `[]`. */
  type: string
  /** Offset of the line it begins on. */
  start: number
  /** Offset of the end of the line it ends on. */
  end: number
  /** What it says, without comments. */
  code: string
  /** The same together with the comments right above it. */
  text: string
}

/** A top-level declaration such as `model Order { … }`. */
export interface Block {
  kind: string
  name: string
  /** The name of the table or enum in the database. */
  table: string
  file: SchemaFile
  /** Offset of the line that holds the closing brace. */
  end: number
  /** The declaration as written, with the comments right above it. */
  text: string
  entries: Entry[]
}

const BLOCK = /^[ \t]*(\w+)[ \t]+(\w+)[ \t]*\{/gm
const COMMENT_OR_STRING = /\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\r\n])*"/g

/** Reads the blocks of a Prisma schema: only as much of the language as is needed to add to it. */
export function readBlocks(file: SchemaFile): Block[] {
  const code = file.text.replace(COMMENT_OR_STRING, (found) => (found.startsWith('"') ? found : blank(found)))
  const bare = code.replace(COMMENT_OR_STRING, blank)
  return Array.from(bare.matchAll(BLOCK), (match) => {
    const [opening, kind = '', name = ''] = match
    const bodyStart = match.index + opening.length
    const brace = closingBrace(bare, bodyStart)
    if (brace === -1) {
      const line = file.text.slice(0, bodyStart).split('\n').length
      throw new CliError(`${file.path}: \`${kind} ${name}\` on line ${line} has no closing brace.`)
    }
    const entries = readEntries(file.text, code, bare, bodyStart, brace)
    const table = mappedName(entries.find((entry) => entry.name === '@@map')?.code) ?? name
    const start = startOfComments(file.text, lineStart(file.text, match.index))
    return {
      kind,
      name,
      table,
      file,
      end: lineStart(file.text, brace),
      text: file.text.slice(start, brace + 1),
      entries,
    }
  })
}

/** Blanks out without moving anything. */
function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ')
}

function closingBrace(bare: string, from: number): number {
  let depth = 1
  for (let at = from; at < bare.length; at += 1) {
    if (bare[at] === '{') depth += 1
    else if (bare[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return -1
}

function readEntries(text: string, code: string, bare: string, from: number, to: number): Entry[] {
  const entries: Entry[] = []
  let start = nextLine(text, from)
  while (start < to) {
    let end = lineEnd(text, start)
    // An argument list may go over several lines.
    while (end < to && openBrackets(bare.slice(start, end)) > 0) end = lineEnd(text, nextLine(text, end))
    const [, name, type = ''] = /^\s*((?:@@)?\w+)(?:\s+(\w+))?/.exec(bare.slice(start, end)) ?? []
    if (name) {
      const own = code.slice(start, end)
      const column = (name.startsWith('@@') ? undefined : mappedName(own)) ?? name
      entries.push({
        name,
        column,
        type,
        start,
        end,
        code: own.trim(),
        text: text.slice(startOfComments(text, start), end),
      })
    }
    start = nextLine(text, end)
  }
  return entries
}

function openBrackets(bare: string): number {
  return (bare.match(/[([{]/g)?.length ?? 0) - (bare.match(/[)\]}]/g)?.length ?? 0)
}

/** What `@map("…")` or `@@map("…")` says. */
function mappedName(code: string | undefined): string | undefined {
  return code === undefined ? undefined : /@map\(\s*(?:name:\s*)?"([^"]*)"/.exec(code)?.[1]
}

function startOfComments(text: string, start: number): number {
  let first = start
  while (first > 0) {
    const above = lineStart(text, first - 1)
    if (!/^[ \t]*\/\//.test(text.slice(above, first))) break
    first = above
  }
  return first
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** Where the line ends, without its line break. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  if (end === -1) return text.length
  return text[end - 1] === '\r' ? end - 1 : end
}
