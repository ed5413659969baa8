import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'

/** A file of a house. All paths are from the root of the repository. */
export interface Source {
  file: string
  text: string
  /** Files of the house that it imports, types as well. */
  own: string[]
  /** Packages that it imports, and files outside of the house. */
  foreign: string[]
}

const IMPORT = /^(?:import|export)\s(?:[\w\s{},*$]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm

export function readSources(root: string, folder: string): Source[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
  const files = entries.flatMap(({ name }) => (name === 'node_modules' ? [] : filesIn(root, path.join(folder, name))))
  const own = files.filter((file) => /\.(?:m?ts|tsx)$/.test(file) && !file.includes('node_modules'))
  return own.map((file) => parseSource(folder, file, readFileSync(path.join(root, file), 'utf8')))
}

export function parseSource(folder: string, file: string, text: string): Source {
  const names = Array.from(text.matchAll(IMPORT), ([, named, loaded]) => named ?? loaded ?? '')
  const paths = names
    .filter((name) => !isBuiltin(name))
    .map((name) => (name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name))
  const isOwn = (name: string) => name.startsWith(`${folder}/`)
  return { file, text, own: paths.filter(isOwn), foreign: paths.filter((name) => !isOwn(name)) }
}

function filesIn(root: string, entry: string): string[] {
  if (!statSync(path.join(root, entry)).isDirectory()) return [entry]
  const names = readdirSync(path.join(root, entry), { recursive: true, encoding: 'utf8' })
  return names.map((name) => path.join(entry, name))
}
