import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A function, method, field, class or constant of src, or what a migration creates: where it stands, wherever that is. */
export interface Declaration {
  /** `claimRequests`, `Claimer.claim`, or as SQL names it: `requeuest_check_request`. */
  name: string
  file: string
  from: number
  to: number
}

/** The name of the migrations as a whole, for what stands in a block without a name. */
export const MIGRATIONS = 'migrations'

const TOP = /^(?:export )?(?:abstract )?(?:async )?(?:function\*?|class|const|let) (\w+)/
const MEMBER = /^ {2}(?:(?:static|readonly|async|get|set|override) )*\*?(#?\w+)/
const SQL = /^CREATE .*?(FUNCTION|INDEX|TABLE|TRIGGER)(?: IF NOT EXISTS)? "(\w+)"/

/** All that have a name, of one checkout. */
export function readDeclarations(root: string): Declaration[] {
  return [
    ...readFiles(root, 'src', /\.m?ts$/).flatMap(([file, text]) => inTypeScript(file, text)),
    ...readFiles(root, 'prisma/migrations', /\.sql$/).flatMap(([file, text]) => inSql(file, text)),
  ]
}

function readFiles(root: string, folder: string, ending: RegExp): [file: string, text: string][] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
  // What `npm run embed` has made is a copy of the migrations.
  const own = names.filter((name) => ending.test(name) && !path.basename(name).startsWith('embedded-'))
  return own.map((name) => [path.join(folder, name), readFileSync(path.join(root, folder, name), 'utf8')])
}

/** The formatter sees to it that whatever belongs to a declaration is indented deeper than its first line, or closes it. */
function inTypeScript(file: string, text: string): Declaration[] {
  const lines = linesOf(text)
  return lines.flatMap(({ line, from }, at) => {
    const name = TOP.exec(line)?.[1]
    if (name === undefined) return []
    const end = endOf(lines, at)
    const own = { name, file, from, to: endOffset(lines, end) }
    if (!/^(?:export )?(?:abstract )?class /.test(line)) return [own]
    const members = lines.slice(at, end).flatMap((member, offset) => {
      const memberName = MEMBER.exec(member.line)?.[1]
      if (memberName === undefined) return []
      const to = endOffset(lines, endOf(lines, at + offset))
      return [{ name: `${name}.${memberName}`, file, from: member.from, to }]
    })
    return [own, ...members]
  })
}

interface Line {
  line: string
  from: number
}

function endOf(lines: readonly Line[], at: number): number {
  const depth = indentation(lines[at]?.line ?? '')
  const isWithin = ({ line }: Line) => line === '' || indentation(line) > depth || /^\s*[)}\]`]/.test(line)
  const end = lines.findIndex((line, index) => index > at && !isWithin(line))
  return end === -1 ? lines.length : end
}

function indentation(line: string): number {
  return line.length - line.trimStart().length
}

function endOffset(lines: readonly Line[], end: number): number {
  const last = lines[end - 1]
  return last ? last.from + last.line.length : 0
}

function linesOf(text: string): Line[] {
  let from = 0
  return text.split('\n').map((line) => {
    const start = from
    from += line.length + 1
    return { line, from: start }
  })
}

function inSql(file: string, text: string): Declaration[] {
  const lines = linesOf(text)
  const named = lines.flatMap(({ line, from }, at) => {
    const [, kind, name] = SQL.exec(line) ?? []
    if (name === undefined) return []
    const ending = kind === 'FUNCTION' ? /\$\$;$/ : /;$/
    const last = lines.findIndex((other, index) => index >= at && ending.test(other.line))
    return [{ name, file, from, to: endOffset(lines, last + 1) }]
  })
  return [{ name: MIGRATIONS, file, from: 0, to: text.length }, ...named]
}
