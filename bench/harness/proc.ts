import { readdirSync, readFileSync } from 'node:fs'

/** What the kernel counts in: fixed on Linux, whatever its own tick is. */
const TICKS_PER_SECOND = 100

interface Process {
  parent: number
  /** Its own time. */
  ticks: number
  /** That of its children which have ended. */
  endedChildrenTicks: number
}

/** CPU seconds of a process, its living children and those that have ended; null on a system that is not Linux. */
export function processCpuSeconds(pid: number): number | null {
  if (process.platform !== 'linux') return null
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((child) => child?.parent === pid)
  // Read last: a child that ends in between is counted twice rather than not at all, and few do.
  const own = readProcess(pid)
  if (!own) return null
  const all = [own, ...children].map((each) => (each ? each.ticks + each.endedChildrenTicks : 0))
  return all.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND
}

/** CPU seconds of a process alone; null when it is gone, and on a system that is not Linux. */
export function ownCpuSeconds(pid: number): number | null {
  const own = readProcess(pid)
  return own && own.ticks / TICKS_PER_SECOND
}

function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold anything, also spaces.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15)
    return { parent: fields[1] ?? 0, ticks: user + system, endedChildrenTicks: childrenUser + childrenSystem }
  } catch {
    return null
  }
}
