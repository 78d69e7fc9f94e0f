# Made by `npm run completion` from the command table.
_memcache_ha() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W 'run check status drain resume reload release import proxy sync drill demo --help --version' -- "$current"))
    return
  fi
  case $command:$previous in
    run:--config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    check:--config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    status:--control) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    drain:--control) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    resume:--control) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    reload:--control) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    release:--config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    import:--script) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    import:--scripts-dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    import:-i|import:--config-id) :; return ;;
    import:--proxy) COMPREPLY=($(compgen -W 'bundled magent' -- "$current")); return ;;
    proxy:-s) :; return ;;
    proxy:-b) :; return ;;
    proxy:-l) :; return ;;
    proxy:-p) :; return ;;
    proxy:-f) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    proxy:-n) :; return ;;
    proxy:-i) :; return ;;
    proxy:-u) :; return ;;
    proxy:-g) :; return ;;
    proxy:--listen-fd) :; return ;;
    proxy:--metrics) :; return ;;
    proxy:--timeout) :; return ;;
    proxy:--refill-items) :; return ;;
    proxy:--refill-bytes) :; return ;;
    sync:--from) :; return ;;
    sync:--to) :; return ;;
    sync:--rate) :; return ;;
    sync:--bytes-rate) :; return ;;
    drill:--report) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    drill:--max-outage) :; return ;;
    drill:--timeout) :; return ;;
    drill:--instance) :; return ;;
    drill:--peer) :; return ;;
    drill:--restart) :; return ;;
    drill:--target) :; return ;;
    drill:--control) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac
  case $command in
    run) words='--config --pretty --help' ;;
    check) words='--config --help' ;;
    status) words='-w --watch --json --no-color --control --help' ;;
    drain) words='--control --help' ;;
    resume) words='--control --help' ;;
    reload) words='--control --help' ;;
    release) words='--config --help' ;;
    import) mapfile -t COMPREPLY < <(compgen -f -- "$current"); words='--strict --script --scripts-dir -i --config-id --proxy --help' ;;
    proxy) words='-s -b -l -p -f -k -n -i -u -g -D -v --listen-fd --standby --metrics --timeout --refill-items --refill-bytes -h --help' ;;
    sync) words='--from --to --rate --bytes-rate -h --help' ;;
    drill) COMPREPLY=($(compgen -W 'kill-memcached hang-memcached kill-proxy stop-agent hang-agent cut-link' -- "$current")); words='--yes --report --max-outage --timeout --instance --peer --blind --restart --target --control --help' ;;
    demo) words='--keep --help' ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif ((${#COMPREPLY[@]} == 0)); then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _memcache_ha memcache-ha
