# fish completion for casemate(1)
function __casemate_controls
    printf '%s\n' limits namespaces
    casemate doctor --json 2>/dev/null | string match -r --all --groups-only '"control": *"([^"]*)"'
end

function __casemate_rules
    casemate check --rules 2>/dev/null | string match -r '^[a-z_]+\\.[a-z_]+'
end

function __casemate_names
    for dir in /run/casemate/* $XDG_RUNTIME_DIR/casemate/*
        test -d $dir; and path basename $dir
    end
end

set -l commands run docker exec import check explain plan verify ps inspect stop kill wait rm pause resume stats update secret logs denials doctor schema apparmor export
complete -c casemate -n "not __fish_seen_subcommand_from $commands" -f
complete -c casemate -n "not __fish_seen_subcommand_from $commands" -l version -d 'Print the version'
complete -c casemate -l help -d 'Print help'
for row in 'run:Start the workload of a policy and wait for it' \
        'docker:Run what a docker run line says' \
        'exec:Start a program in a running container' \
        'import:What another tool would run, as a policy' \
        'check:Judge policies without a kernel' \
        'explain:Every effective key, its value and where it came from' \
        'plan:Every kernel operation that run would perform' \
        'verify:Read the controls of a running container back' \
        'ps:The running containers' \
        'inspect:Everything that is known of a container' \
        'stop:Stop containers' \
        'kill:Send a signal to a workload' \
        'wait:Wait for the exit codes of containers' \
        'rm:Remove what containers left behind' \
        'pause:Stop every process of a container where it is' \
        'resume:Let a paused container go on' \
        'stats:What running containers use' \
        'update:Other limits for a running container' \
        'secret:Replace a secret of a running container' \
        'logs:What a container printed' \
        'denials:What a container was refused' \
        'doctor:What this host can enforce' \
        'schema:The JSON Schema of the policy' \
        'apparmor:An AppArmor profile made for a policy' \
        'export:A policy in the language of another tool'
    set -l part (string split -m 1 : $row)
    complete -c casemate -n "not __fish_seen_subcommand_from $commands" -a $part[1] -d $part[2]
end
complete -c casemate -n '__fish_seen_subcommand_from run; and not __fish_seen_subcommand_from docker' -s d -l detach -d 'Go on in the background'
complete -c casemate -n '__fish_seen_subcommand_from docker; and not __fish_seen_subcommand_from run' -f -a run
complete -c casemate -n '__fish_seen_subcommand_from docker; and __fish_seen_subcommand_from run' -a "(casemate docker run --help 2>/dev/null | string match -r --groups-only '^  .{5}(--[a-z0-9-]+)')"
complete -c casemate -n '__fish_seen_subcommand_from import' -a 'docker-run compose oci' -d 'Format'
complete -c casemate -n '__fish_seen_subcommand_from import' -l partial -d 'What was refused left out'
complete -c casemate -n '__fish_seen_subcommand_from run' -l name -x -d 'Name of the container'
complete -c casemate -n '__fish_seen_subcommand_from run' -l without -x -a '(__casemate_controls)' -d 'Start without these controls'
complete -c casemate -n '__fish_seen_subcommand_from run' -l status-fd -x -d 'Write JSON records here'
complete -c casemate -n '__fish_seen_subcommand_from run' -l set -x -d 'Lay KEY=VALUE over the policy'
complete -c casemate -n '__fish_seen_subcommand_from check' -l format -x -a 'text json sarif' -d 'For people or for programs'
complete -c casemate -n '__fish_seen_subcommand_from check' -l floor -r -a 'baseline cis-docker restricted' -d 'Also hold it against a floor'
complete -c casemate -n '__fish_seen_subcommand_from check' -l strict -d 'Warnings count, too'
complete -c casemate -n '__fish_seen_subcommand_from check' -l host -d 'Also what this machine says of it'
complete -c casemate -n '__fish_seen_subcommand_from check' -l color -x -a 'auto always never' -d 'Colours'
complete -c casemate -n '__fish_seen_subcommand_from check' -l rules -d 'Print every rule'
complete -c casemate -n '__fish_seen_subcommand_from check' -l explain -x -a '(__casemate_rules)' -d 'Why a rule is there'
complete -c casemate -n '__fish_seen_subcommand_from schema' -l floor -d 'Of a floor'
complete -c casemate -n '__fish_seen_subcommand_from verify' -l pid -x -a '(__fish_complete_pids)' -d 'Any process'
complete -c casemate -n '__fish_seen_subcommand_from verify' -f -a '(__casemate_names)'
complete -c casemate -n '__fish_seen_subcommand_from verify doctor ps stats denials' -l json -d 'As JSON'
complete -c casemate -n '__fish_seen_subcommand_from doctor schema' -f
complete -c casemate -n '__fish_seen_subcommand_from export' -a 'oci systemd docker-run' -d 'Format'
complete -c casemate -n '__fish_seen_subcommand_from export' -l set -x -d 'Lay KEY=VALUE over the policy'
complete -c casemate -n '__fish_seen_subcommand_from import' -l service -x -d 'Of a compose file'
complete -c casemate -n '__fish_seen_subcommand_from import' -l output -s o -r -d 'Write policies there'
complete -c casemate -n '__fish_seen_subcommand_from explain plan apparmor update' -l set -x -d 'Lay KEY=VALUE over the policy'
complete -c casemate -n '__fish_seen_subcommand_from plan' -l without -x -a '(__casemate_controls)' -d 'Start without these controls'
complete -c casemate -n '__fish_seen_subcommand_from apparmor' -l name -x -d 'Of the profile'
complete -c casemate -n '__fish_seen_subcommand_from exec' -s i -l interactive -d 'Pass standard input on'
complete -c casemate -n '__fish_seen_subcommand_from exec' -s t -l tty -d 'A terminal'
complete -c casemate -n '__fish_seen_subcommand_from exec' -s w -l workdir -x -d 'Where it starts'
complete -c casemate -n '__fish_seen_subcommand_from exec' -l healthcheck -d 'Check its health once'
complete -c casemate -n '__fish_seen_subcommand_from stats' -l no-stream -d 'Once'
complete -c casemate -n '__fish_seen_subcommand_from stats' -l prometheus -d 'For Prometheus'
complete -c casemate -n '__fish_seen_subcommand_from inspect stop kill wait rm pause resume stats update exec' -f -a '(__casemate_names)'
complete -c casemate -n '__fish_seen_subcommand_from stop wait' -s t -l time -x -d 'No longer than this'
complete -c casemate -n '__fish_seen_subcommand_from kill secret' -s s -l signal -x -d 'The signal'
complete -c casemate -n '__fish_seen_subcommand_from secret' -l no-signal -d 'Nothing tells the workload'
complete -c casemate -n '__fish_seen_subcommand_from rm' -s f -l force -d 'Kill it first'
complete -c casemate -n '__fish_seen_subcommand_from ps' -s a -l all -d 'Those too that have ended'
complete -c casemate -n '__fish_seen_subcommand_from ps' -s q -l quiet -d 'Names only'
complete -c casemate -n '__fish_seen_subcommand_from run; and not __fish_seen_subcommand_from docker' -l keep -d 'Leave how it ended'
complete -c casemate -n '__fish_seen_subcommand_from run; and not __fish_seen_subcommand_from docker' -l journal -d 'Output to the journal unless the policy has log'
complete -c casemate -n '__fish_seen_subcommand_from secret' -f -a 'update (__casemate_names)'
complete -c casemate -n '__fish_seen_subcommand_from logs denials' -f -a '(__casemate_names)'
complete -c casemate -n '__fish_seen_subcommand_from logs' -s f -l follow -d 'Go on until it ends'
complete -c casemate -n '__fish_seen_subcommand_from logs' -l since -x -d 'Not before'
complete -c casemate -n '__fish_seen_subcommand_from logs' -l until -x -d 'Not after'
complete -c casemate -n '__fish_seen_subcommand_from logs' -s n -l tail -x -d 'Only the last ones'
complete -c casemate -n '__fish_seen_subcommand_from logs' -s t -l timestamps -d 'When'
