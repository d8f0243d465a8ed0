# bash completion for casemate(1)
_casemate()
{
	local cur prev words cword
	_init_completion -s || return

	local command=
	((cword > 1)) && command=${words[1]}
	case $prev in
	--without)
		# A list: complete what follows the last comma.
		local done=
		[[ $cur == *,* ]] && done=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$done" -W "limits namespaces $(_casemate_controls)" -- "${cur##*,}")
		compopt -o nospace
		return
		;;
	--set | --pid | --status-fd)
		return
		;;
	--name)
		mapfile -t COMPREPLY < <(compgen -W "$(_casemate_names)" -- "$cur")
		return
		;;
	esac
	case $command in
	'')
		mapfile -t COMPREPLY < <(compgen -W 'run docker exec import check explain plan verify ps inspect stop kill wait rm pause resume stats update secret logs denials doctor schema apparmor export --version --help' -- "$cur")
		return
		;;
	check)
		case $prev in
		--format) mapfile -t COMPREPLY < <(compgen -W 'text json sarif' -- "$cur") && return ;;
		--color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") && return ;;
		--floor) mapfile -t COMPREPLY < <(compgen -W 'baseline cis-docker restricted' -- "$cur") ;;
		--explain) mapfile -t COMPREPLY < <(compgen -W "$(_casemate_rules)" -- "$cur") && return ;;
		esac
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '--format --floor --strict --host --color --rules --explain --help --' -- "$cur")
		;;
	run)
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '--detach --keep --journal --name --without --status-fd --set --help' -- "$cur")
		;;
	docker)
		_casemate_docker
		return
		;;
	import)
		if [[ $cur == -* && $prev != docker-run ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--partial --service --output --help' -- "$cur")
		elif [[ $prev == compose || $prev == oci || $prev == -o || $prev == --output ]]; then
			_filedir
			return
		else
			mapfile -t COMPREPLY < <(compgen -W 'docker-run compose oci --' -- "$cur")
		fi
		;;
	ps)
		mapfile -t COMPREPLY < <(compgen -W '--all --quiet --json --help' -- "$cur")
		return
		;;
	inspect | stop | kill | wait | rm | exec | pause | resume | stats | update)
		local -A options=([exec]="--interactive --tty --workdir --healthcheck" [stats]="--no-stream --json --prometheus" [update]=--set [stop]=--time [kill]=--signal [wait]=--time [rm]=--force)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${options[$command]-} --help" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(_casemate_names)" -- "$cur")
		fi
		return
		;;
	logs | denials)
		local -A of=([logs]='--follow --since --until --tail --timestamps' [denials]=--json)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${of[$command]} --help" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(_casemate_names)" -- "$cur")
		fi
		return
		;;
	secret)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--signal --no-signal --help' -- "$cur")
		elif ((cword == 2)); then
			mapfile -t COMPREPLY < <(compgen -W 'update' -- "$cur")
		elif ((cword == 3)); then
			mapfile -t COMPREPLY < <(compgen -W "$(_casemate_names)" -- "$cur")
		else
			_filedir
		fi
		return
		;;
	verify)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--pid --json --help' -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(_casemate_names)" -- "$cur")
		fi
		return
		;;
	doctor)
		mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$cur")
		return
		;;
	export)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--set --help' -- "$cur")
		elif [[ $prev == export ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'oci systemd docker-run' -- "$cur")
			return
		fi
		;;
	schema)
		mapfile -t COMPREPLY < <(compgen -W '--floor --help' -- "$cur")
		return
		;;
	explain | plan | apparmor)
		local -A those=([explain]=--set [plan]='--without --set' [apparmor]='--name --set')
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W "${those[$command]} --help" -- "$cur")
		;;
	*)
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '--help' -- "$cur")
		;;
	esac
	((${#COMPREPLY[@]})) || _filedir json
}

# docker's options are what --help lists.
_casemate_docker()
{
	if [[ ${words[*]:0:cword} != *' run'* ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'run --without --status-fd --set --help' -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(casemate docker run --help 2>/dev/null | grep -o '^  [^ ]*,\? *--[a-z0-9-]*' | grep -o -- '--.*')" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_casemate_images)" -- "$cur")
		((${#COMPREPLY[@]})) || _filedir
	fi
}

_casemate_images()
{
	local store=${CASEMATE_STORE:-/var/lib/casemate} image
	for image in "$store"/rootfs/*/; do
		[[ -d $image ]] && image=${image%/} && printf '%s\n' "${image##*/}"
	done
}

_casemate_controls()
{
	casemate doctor --json 2>/dev/null | grep -o '"control": *"[^"]*"' | cut -d '"' -f 4
}

_casemate_rules()
{
	casemate check --rules 2>/dev/null | grep -oE '^[a-z_]+\.[a-z_]+'
}

_casemate_names()
{
	local dir
	for dir in /run/casemate/* "${XDG_RUNTIME_DIR:-/nonexistent}"/casemate/*; do
		[[ -d $dir ]] && printf '%s\n' "${dir##*/}"
	done
}

complete -F _casemate casemate
