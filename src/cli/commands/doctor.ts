import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import type { Finding } from '../doctor/finding.ts'
import { EXIT } from '../exit-codes.ts'
import { count } from '../output.ts'
import { oneLine, style } from '../style.ts'

export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('Look for what is wrong, and say what to do about it. Ends with 1 if something is.')
  onDatabase(command, async (session) => {
    const [{ checkSchema }, { checkServer }, { checkQueue }, { checkKeys }] = await Promise.all([
      import('../doctor/schema.ts'),
      import('../doctor/server.ts'),
      import('../doctor/queue.ts'),
      import('../doctor/keys.ts'),
    ])
    const findings = await checkSchema(session)
    // Without the tables there is nothing else to look at.
    if (!findings.some(({ check }) => check === 'migrations')) {
      findings.push(
        ...(await checkServer(session)),
        ...(await checkQueue(session)),
        ...(await checkKeys(session, process.cwd())),
      )
    }
    const warnings = findings.filter(({ level }) => level === 'warning')
    return {
      data: { findings },
      text: () => textOf(findings, warnings.length),
      exitCode: warnings.length > 0 ? EXIT.failed : EXIT.fine,
    }
  })
}

function textOf(findings: readonly Finding[], warnings: number): string {
  const summary = warnings === 0 ? style('green', 'Nothing is wrong.') : style('red', `${count(warnings, 'finding')}.`)
  return [...findings.map(findingText), summary].join('\n\n')
}

function findingText({ check, level, message, advice }: Finding): string {
  return `${style(level === 'warning' ? 'yellow' : 'dim', check)}  ${oneLine(message)}\n  ${oneLine(advice)}`
}
