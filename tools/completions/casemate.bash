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
		mapfile -t COMPREPLY < <(compgen -W 'run check explain plan verify doctor schema apparmor export --version --help' -- "$cur")
		return
		;;
	run)
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '--name --without --status-fd --set --help' -- "$cur")
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
		mapfile -t COMPREPLY < <(compgen -W '--help' -- "$cur")
		return
		;;
	*)
		[[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '--help' -- "$cur")
		;;
	esac
	((${#COMPREPLY[@]})) || _filedir json
}

_casemate_controls()
{
	casemate doctor --json 2>/dev/null | grep -o '"control": *"[^"]*"' | cut -d '"' -f 4
}

_casemate_names()
{
	local dir
	for dir in /run/casemate/* "${XDG_RUNTIME_DIR:-/nonexistent}"/casemate/*; do
		[[ -d $dir ]] && printf '%s\n' "${dir##*/}"
	done
}

complete -F _casemate casemate
