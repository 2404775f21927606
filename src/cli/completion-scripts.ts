/** For each shell, what makes it ask `sluice complete` for what could come next. Without an answer files are offered. */
export const COMPLETION_SCRIPTS = {
  bash: `_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($(sluice complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
_sluice() {
  local -a candidates
  local value note
  while IFS=$'\\t' read -r value note; do
    candidates+=("\${value//:/\\\\:}\${note:+:$note}")
  done < <(sluice complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#candidates )); then _describe sluice candidates; else _files; fi
}
compdef _sluice sluice
`,
  fish: `function __sluice_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  set -l found (sluice complete -- $words[2..-1] "$typed" 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path "$typed"
  end
end
complete -c sluice -f -a '(__sluice_complete)'
`,
} as const;
