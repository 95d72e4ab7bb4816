# What zsh's own completion offers for a line in an interactive shell, a word a line.
# $1: the line
zmodload zsh/zpty
file=$(mktemp)
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; stty -echo; autoload -Uz compinit; compinit -D -u
  source <(etl completion zsh)
  compadd() { local -a hits; builtin compadd -O hits \"\$@\"; print -l -- \"\$IPREFIX\"\${^hits} >> $file; builtin compadd \"\$@\" }
  finish() { print done >> $file }; zle -N finish; bindkey '^X' finish; bindkey '^I' complete-word; print ready >> $file"
# The shell's output is taken away, or it would wait for somebody to read it.
await() { while [[ "$(<$file)" != *$1* ]]; do zpty -r -t shell line; sleep 0.05; done }
await ready 2>/dev/null
: > $file
zpty -w -n shell "$1"$'\t\x18'
await done 2>/dev/null
zpty -d shell
grep -v '^done$' $file | sort -u
rm $file
