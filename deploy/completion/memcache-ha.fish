# Made by `npm run completion` from the command table.
complete -c memcache-ha -f
complete -c memcache-ha -n __fish_use_subcommand -l help -d "all commands"
complete -c memcache-ha -n __fish_use_subcommand -l version -d "the version"
complete -c memcache-ha -n __fish_use_subcommand -a run -d 'the daemon, in the foreground'
complete -c memcache-ha -n "__fish_seen_subcommand_from run" -l config -x -a "(__fish_complete_path (commandline -ct))" -d 'the config file, by default /etc/memcache-ha/memcache-ha.yaml'
complete -c memcache-ha -n "__fish_seen_subcommand_from run" -l pretty -d 'the log for people instead of JSON'
complete -c memcache-ha -n "__fish_seen_subcommand_from run" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a check -d 'validate a config; every mistake with file, line and column'
complete -c memcache-ha -n "__fish_seen_subcommand_from check" -l config -x -a "(__fish_complete_path (commandline -ct))" -d 'the config file, by default /etc/memcache-ha/memcache-ha.yaml'
complete -c memcache-ha -n "__fish_seen_subcommand_from check" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a status -d 'what is wrong, what this host and its peer are, since when and why'
complete -c memcache-ha -n "__fish_seen_subcommand_from status" -s w -l watch -d 'again every second, or every SECONDS when a number follows'
complete -c memcache-ha -n "__fish_seen_subcommand_from status" -l json -d 'the whole answer, for programs'
complete -c memcache-ha -n "__fish_seen_subcommand_from status" -l no-color -d 'no colours on a terminal either, as with NO_COLOR'
complete -c memcache-ha -n "__fish_seen_subcommand_from status" -l control -x -a "(__fish_complete_path (commandline -ct))" -d 'the daemon\'s control socket, by default /run/memcache-ha/control.sock'
complete -c memcache-ha -n "__fish_seen_subcommand_from status" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a drain -d 'hand the virtual addresses over and stay out'
complete -c memcache-ha -n "__fish_seen_subcommand_from drain" -l control -x -a "(__fish_complete_path (commandline -ct))" -d 'the daemon\'s control socket, by default /run/memcache-ha/control.sock'
complete -c memcache-ha -n "__fish_seen_subcommand_from drain" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a resume -d 'take part in the election again'
complete -c memcache-ha -n "__fish_seen_subcommand_from resume" -l control -x -a "(__fish_complete_path (commandline -ct))" -d 'the daemon\'s control socket, by default /run/memcache-ha/control.sock'
complete -c memcache-ha -n "__fish_seen_subcommand_from resume" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a reload -d 'apply the changed config; tells what changed, or what is wrong with it'
complete -c memcache-ha -n "__fish_seen_subcommand_from reload" -l control -x -a "(__fish_complete_path (commandline -ct))" -d 'the daemon\'s control socket, by default /run/memcache-ha/control.sock'
complete -c memcache-ha -n "__fish_seen_subcommand_from reload" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a release -d 'remove every configured virtual address from this host'
complete -c memcache-ha -n "__fish_seen_subcommand_from release" -l config -x -a "(__fish_complete_path (commandline -ct))" -d 'the config file, by default /etc/memcache-ha/memcache-ha.yaml'
complete -c memcache-ha -n "__fish_seen_subcommand_from release" -l help -d "what the options are"
complete -c memcache-ha -n __fish_use_subcommand -a import -d 'keepalived.conf to this program\'s config, on stdout'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -l strict -d 'exit 1 when anything could not be carried over'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -l script -x -a "(__fish_complete_path (commandline -ct))" -d 'a script that is started beside keepalived, such as the loop that keeps the proxy; repeatable'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -l scripts-dir -x -a "(__fish_complete_directories)" -d 'where scripts are found that are not at their path in the file; repeatable'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -s i -l config-id -x -d 'take the lines for @NAME, as keepalived does with the same option; by default the host name'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -l proxy -x -a "bundled magent" -d 'what is to run in place of a magent; by default what the file allows'
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -l help -d "what the options are"
complete -c memcache-ha -n "__fish_seen_subcommand_from import" -a "(__fish_complete_path (commandline -ct))"
complete -c memcache-ha -n __fish_use_subcommand -a proxy -d 'the bundled proxy, with magent\'s flags'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s s -x -d 'a memcached server; repeatable'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s b -x -d 'a backup memcached; repeatable'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s l -x -d 'listen on this address (0.0.0.0)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s p -x -d 'listen on this port (11211; 0: no TCP)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s f -x -a "(__fish_complete_path (commandline -ct))" -d 'also listen on this Unix socket'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s k -d 'choose servers as libmemcached\'s ketama does, instead of by modulo'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s n -x -d 'at most this many clients (4096)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s i -x -d 'accepted for magent\'s sake; there is one connection to each memcached'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s u -x -d 'become this user once listening'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s g -x -d 'become this group once listening'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s D -d 'stay in the foreground'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s v -d 'say more on stderr; -vv for each connection'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l listen-fd -x -d 'take clients from this listening descriptor instead of -l and -p'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l standby -d 'start, but take clients only after "accept" on standard input'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l metrics -x -d 'serve Prometheus metrics there'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l timeout -x -d 'a memcached that is silent for this many milliseconds is put out (250)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l refill-items -x -d 'refill a copy that came back with at most N items per second (10000; 0: no bound)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -l refill-bytes -x -d 'and at most N bytes per second (32000000; 0: no bound)'
complete -c memcache-ha -n "__fish_seen_subcommand_from proxy" -s h -l help -d 'what the options are'
complete -c memcache-ha -n __fish_use_subcommand -a sync -d 'copy what one memcached lacks from another one'
complete -c memcache-ha -n "__fish_seen_subcommand_from sync" -l from -x -d 'the memcached that has the items (1.6 or later)'
complete -c memcache-ha -n "__fish_seen_subcommand_from sync" -l to -x -d 'the memcached that is to have them; what it has already is not overwritten'
complete -c memcache-ha -n "__fish_seen_subcommand_from sync" -l rate -x -d 'at most so many items a second (20k; 0: as fast as it goes)'
complete -c memcache-ha -n "__fish_seen_subcommand_from sync" -l bytes-rate -x -d 'at most so many bytes a second (32M; 0: as fast as it goes)'
complete -c memcache-ha -n "__fish_seen_subcommand_from sync" -s h -l help -d 'what the options are, and what cannot be guaranteed'
complete -c memcache-ha -n __fish_use_subcommand -a drill -d 'a real fault on this host of a live pair, measured and undone'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l yes -d 'do not ask, for cron'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l report -x -a "(__fish_complete_path (commandline -ct))" -d 'write what happened, as .json, .html or .svg'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l max-outage -x -d 'exit 1 when clients were without an answer for longer'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l timeout -x -d 'how long the failover, and then the recovery, may take (60)'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l instance -x -d 'which vrrp_instance, where there are several'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l peer -x -d 'the other host\'s metrics listener, where the config does not tell it; repeatable'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l blind -d 'go on without seeing the other host'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l restart -x -d 'what starts again what the drill ends, where no systemd service does'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l target -x -d 'where the measuring client asks, by default the proxy or memcached at the virtual address'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l control -x -a "(__fish_complete_path (commandline -ct))" -d 'the daemon\'s control socket, by default /run/memcache-ha/control.sock'
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -l help -d "what the options are"
complete -c memcache-ha -n "__fish_seen_subcommand_from drill" -a "kill-memcached hang-memcached kill-proxy stop-agent hang-agent cut-link"
complete -c memcache-ha -n __fish_use_subcommand -a demo -d 'two hosts in network namespaces and a real failover'
complete -c memcache-ha -n "__fish_seen_subcommand_from demo" -l keep -d 'leave it running, with commands to try'
complete -c memcache-ha -n "__fish_seen_subcommand_from demo" -l help -d "what the options are"
