#compdef atoll kubectl-ws
# zsh completion for atoll and its kubectl plugins. In ~/.zshrc, after compinit: source <(atoll completion zsh)

_atoll() {
  local -a candidates before
  [[ ${words[1]:t} == kubectl-ws ]] && before=(ws)
  candidates=("${(@f)$(atoll __complete $before "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(${candidates:#})
  # -U: the program has matched already, and more than prefixes. -V: its order is the order.
  (( $#candidates )) && compadd -U -S '' -V workspaces -a candidates
}
compdef _atoll atoll kubectl-ws
