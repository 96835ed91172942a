# bash completion for atoll and its kubectl plugins. In ~/.bashrc: source <(atoll completion bash)

# Candidates come from the program and are taken as they are: it matches more than prefixes. Arguments: words that stand before those of
# the line.
_atoll_complete() {
  local line=${COMP_LINE:0:COMP_POINT} words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local typed=${words[-1]}
  # readline splits words at colons and replaces only what follows the last one.
  local keep=""
  [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && keep=${typed%"${typed##*:}"}
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("${candidate#"$keep"}")
  done < <(atoll __complete "$@" "${words[@]:1}" 2>/dev/null)
  compopt -o nospace -o nosort 2>/dev/null
}
_atoll_complete_ws() { _atoll_complete ws; }
_atoll_complete_plain() { _atoll_complete; }

complete -F _atoll_complete_plain atoll
complete -F _atoll_complete_ws kubectl-ws
