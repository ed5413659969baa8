import type { Command } from 'commander'

/** What may come next behind some words of the command line. */
interface Place {
  /** `/schedules/pause`; empty behind the program's name. */
  path: string
  words: { word: string; description: string }[]
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** The script that lets a shell complete the commands and options of a program. */
export function completionScript(shell: (typeof SHELLS)[number], program: Command): string {
  return SCRIPTS[shell](placesIn(program))
}

function placesIn(command: Command, path = ''): Place[] {
  const help = command.createHelp()
  const words = [
    ...help.visibleCommands(command).map((one) => ({ word: one.name(), description: one.description() })),
    ...help.visibleOptions(command).map(({ long, description }) => ({ word: long ?? '', description })),
  ]
  return [{ path, words }, ...command.commands.flatMap((one) => placesIn(one, `${path}/${one.name()}`))]
}

const SCRIPTS = { bash, zsh, fish }

function bash(places: readonly Place[]): string {
  return `# eval "$(requeuest completion bash)"
_requeuest() {
  local at='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at/$word" in
      ${pathsOf(places).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${places.map(({ path, words }) => `    ${quoted(path)}) words='${words.map(({ word }) => word).join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _requeuest requeuest
`
}

function zsh(places: readonly Place[]): string {
  const items = (words: Place['words']) =>
    words.map(({ word, description }) => quoted(`${word}:${description.replaceAll(':', '\\:')}`)).join(' ')
  return `# eval "$(requeuest completion zsh)"
_requeuest() {
  local at='' word
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in
      ${pathsOf(places).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${places.map(({ path, words }) => `    ${quoted(path)}) items=(${items(words)}) ;;`).join('\n')}
  esac
  _describe requeuest items
}
compdef _requeuest requeuest
`
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) =>
    words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c requeuest -n ${quoted(`__requeuest_at '${path}'`)} ${what} -d ${quoted(description)}`
    }),
  )
  return `# requeuest completion fish | source
function __requeuest_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at/$word"
      case ${pathsOf(places).join(' ')}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c requeuest -f
${lines.join('\n')}
`
}

function pathsOf(places: readonly Place[]): string[] {
  return places.map(({ path }) => path).filter((path) => path !== '')
}

/** For bash and zsh; fish reads a backslash before the quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
