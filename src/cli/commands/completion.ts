import { Argument, type Command } from 'commander'
import { completionScript, SHELLS } from '../completion.ts'
import { printText } from '../output.ts'

export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options: eval "$(requeuest completion bash)".')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => printText(completionScript(shell, program).trimEnd()))
}
