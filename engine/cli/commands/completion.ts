import { EXIT, EtlError } from '../../contract/errors.js';
import { out } from '../io.js';

/** A command with its options. */
export interface Completed {
  readonly name: string;
  readonly options: readonly {
    /** `--select` */
    readonly name: string;
    /** The words that it takes; empty where it takes others, or none. */
    readonly values: readonly string[];
    readonly takesValue: boolean;
  }[];
}

/** Options that take what `etl complete` lists, and several of it. */
const SELECTING: ReadonlySet<string> = new Set(['--select', '--exclude', '--mapping']);

type Script = (commands: readonly Completed[]) => string;

const names = (commands: readonly Completed[]): string => commands.map(({ name }) => name).join(' ');

/** Of the shells that know `case`: the options of the command in `$1`. */
const cases = (commands: readonly Completed[]): string =>
  commands
    .map(({ name, options }) => `    ${name}) words='${options.map((option) => option.name).join(' ')}' ;;`)
    .join('\n');

/** Likewise the words that an option takes: of `run --format` and so on. */
const valueCases = (commands: readonly Completed[]): string =>
  commands
    .flatMap(({ name, options }) =>
      options
        .filter(({ values }) => values.length > 0)
        .map((option) => `    '${name} ${option.name}') words='${option.values.join(' ')}' ;;`),
    )
    .join('\n');

// `_init_completion` is not everywhere; a colon parts words in bash, so what stands before it is cut from the answers.
const bash: Script = (commands) => `# etl: bash completion; to use it: source <(etl completion bash)
_etl() {
  local cur words line before at i
  COMPREPLY=()
  line="\${COMP_LINE:0:COMP_POINT}"
  cur="\${line##*[[:space:]]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names(commands)}' -- "$cur"))
    return
  fi
  for ((i = COMP_CWORD - 1; i > 1; i--)); do
    case "\${COMP_WORDS[i]}" in
      --select | --exclude | --mapping)
        words="$(etl complete "\${COMP_WORDS[2]}" 2>/dev/null)"
        at=''
        case "$cur" in *[+,]*) at="\${cur%"\${cur##*[+,]}"}" ;; esac
        COMPREPLY=($(compgen -P "$at" -W "$words" -- "\${cur#"$at"}"))
        before="\${cur%"\${cur##*:}"}"
        if [[ "$COMP_WORDBREAKS" == *:* && -n "$before" ]]; then
          COMPREPLY=("\${COMPREPLY[@]#"$before"}")
        fi
        return
        ;;
      -*) break ;;
    esac
  done
  words=''
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${valueCases(commands)}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases(commands)}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _etl etl
`;

const zsh: Script = (commands) => `#compdef etl
# etl: zsh completion; to use it: source <(etl completion zsh)
_etl() {
  local words_of i
  if (( CURRENT == 2 )); then
    compadd -- ${names(commands)}
    return
  fi
  for (( i = CURRENT - 1; i > 2; i-- )); do
    case "\${words[i]}" in
      --select | --exclude | --mapping)
        compset -P '*[+,]'
        compadd -- \${(f)"$(etl complete "\${words[3]}" 2>/dev/null)"}
        return
        ;;
      -*) break ;;
    esac
  done
  case "\${words[2]} \${words[CURRENT - 1]}" in
${valueCases(commands).replaceAll("words='", "words_of='")}
  esac
  if [[ -n "$words_of" ]]; then
    compadd -- \${=words_of}
    return
  fi
  case "\${words[2]}" in
${cases(commands).replaceAll("words='", "words_of='")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    compadd -- \${=words_of}
  else
    _files
  fi
}
compdef _etl etl
`;

// Behind the first value of an option fish takes the next word for an argument: then the condition tells.
const fish: Script = (commands) =>
  [
    '# etl: fish completion; to use it: etl completion fish | source',
    'function __etl_selectors',
    '  set -l words (commandline -opc)',
    "  set -l front (string match -r '^.*[+,]' -- (commandline -ct))",
    '  for word in (etl complete $words[3] 2>/dev/null)',
    '    echo "$front$word"',
    '  end',
    'end',
    'function __etl_selecting',
    '  set -l words (commandline -opc)',
    '  for word in $words[-1..1]',
    '    switch $word',
    `      case ${[...SELECTING].join(' ')}`,
    '        return 0',
    "      case '-*'",
    '        return 1',
    '    end',
    '  end',
    '  return 1',
    'end',
    "complete -c etl -n __etl_selecting -f -a '(__etl_selectors)'",
    ...commands.flatMap(({ name, options }) => [
      `complete -c etl -n __fish_use_subcommand -f -a ${name}`,
      ...options.map(
        (option) =>
          `complete -c etl -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)}${fishValue(option)}`,
      ),
    ]),
    '',
  ].join('\n');

function fishValue({ name, values, takesValue }: Completed['options'][number]): string {
  if (SELECTING.has(name)) return " -x -a '(__etl_selectors)'";
  if (values.length > 0) return ` -x -a '${values.join(' ')}'`;
  return takesValue ? ' -r' : '';
}

const SHELLS: Readonly<Record<string, Script>> = { bash, zsh, fish };

/** `etl completion`: a script that the shell reads at its start. @throws EtlError for a shell that it has none for */
export function completionCommand(shell: string, commands: readonly Completed[], json: boolean): number {
  const script = SHELLS[shell];
  if (script === undefined) {
    const help = `there are ${Object.keys(SHELLS).join(', ')}`;
    throw new EtlError(`there is no completion for "${shell}"`, { exitCode: EXIT.usage, help });
  }
  const text = script(commands);
  out(json ? JSON.stringify({ version: 1, shell, script: text }, null, 2) : text);
  return EXIT.done;
}
