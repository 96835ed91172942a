# fish completion for atoll and its kubectl plugins. In config.fish: atoll completion fish | source

function __atoll_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l before
    string match -q '*kubectl-ws' -- $words[1]; and set before ws
    atoll __complete $before $words[2..-1] 2>/dev/null
end
complete -c atoll -f -a '(__atoll_complete)'
complete -c kubectl-ws -f -a '(__atoll_complete)'
