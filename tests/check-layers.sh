#!/bin/sh
# check-layers.sh SOURCE_DIR OBJECT_DIR... - the rules of the house that the compiler does not know.
#
#   includes   nothing includes upward, controls never include each other
#   gate       only base/sys.o refers to the calls that change a process or a mount
#   globals    no object has writable data
#
# Prints one line per breach and exits 1 if there was one. Files over 400 lines are only named.
set -eu
src=$1/src
shift
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT

# --- includes ---
# The floor of each room; one may include itself and lower floors. check and doors know the policy
# only: what they say must not depend on a kernel.
# shellcheck disable=SC2016
find "$src" -name '*.[ch]' -exec awk '
BEGIN {
	n = split("base policy seccomp controls launch check doors logs oci cmd unit", room, " ")
	split("0 1 2 3 4 5 5 5 6 7 0", height, " ")
	for (i = 1; i <= n; i++)
		floor[room[i]] = height[i]
	narrow["check"] = narrow["doors"] = floor["policy"]
}
FNR == 1 {
	split(substr(FILENAME, length(src) + 2), part, "/")
	here = part[1]
	own = part[2]
	sub(/(_test)?\.[ch]$/, "", own)
	if (!(here in floor))
		print FILENAME ": room \"" here "\" has no floor in tests/check-layers.sh"
}
/^#[ \t]*include[ \t]+"/ {
	split($0, quoted, "\"")
	file = quoted[2]
	there = here
	if (split(file, part, "/") > 1) {
		if (part[1] != ".." || !(part[2] in floor))
			next	# a generated header, or one of tests/
		there = part[2]
	}
	limit = here in narrow ? narrow[here] : floor[here]
	if (there != here && (floor[there] > limit || floor[there] == floor[here]))
		print FILENAME ":" FNR ": " here " includes upward: " file
	# mounts_plan.c is a part of mounts. A test may set up what stands around its control.
	name = file
	sub(/\.h$/, "_", name)
	if (here == "controls" && there == here && FILENAME !~ /_test\.c$/ && file !~ /^(control\.h|controls\.def)$/ && index(own "_", name) != 1)
		print FILENAME ":" FNR ": one control includes another: " file
}' src="$src" {} + >>"$breaches"

# --- gate ---
# State that a launch changes, by whatever name libc or a library offers it. seccomp_load and
# capng_apply would be calls behind the gate's back.
gated='syscall prctl mount umount umount2 pivot_root chroot clone clone3 fork vfork daemon unshare setns
	setuid setgid seteuid setegid setreuid setregid setresuid setresgid setgroups initgroups
	capset cap_set_proc capng_apply capng_change_id capng_lock
	execl execle execlp execv execve execveat execvp execvpe fexecve posix_spawn posix_spawnp system popen
	fsopen fsconfig fsmount open_tree move_mount mount_setattr keyctl add_key
	sethostname setdomainname setrlimit setrlimit64 prlimit prlimit64 setsid umask personality ptrace
	seccomp_load bpf aa_change_onexec aa_change_profile aa_change_hat'
list=$(find "$@" -name '*.o')
[ -n "$list" ] || { echo "no objects in $*" >&2; exit 2; }
for object in $list; do
	case $object in *base_sys.c.o) continue ;; esac
	nm -u "$object" | awk -v gated="$gated" -v object="$object" '
	BEGIN { n = split(gated, name, /[ \t\n]+/); for (i = 1; i <= n; i++) want[name[i]] = 1 }
	$2 in want { print object ": calls " $2 " past the gate (base/sys.c)" }' >>"$breaches"
done

# --- globals ---
# By section: nm alone cannot tell data from constants that hold addresses (.data.rel.ro). What
# the sanitizers and gcov add is theirs.
for object in $list; do
	objdump -t "$object" | awk -v object="$object" '
	$NF ~ /^(\.|__odr_asan|__asan|__gcov|__sancov|__llvm|__unnamed_)/ { next }
	match($0, /[ \t](\.t?(data|bss)[^ \t]*|\*COM\*)[ \t]/) && $0 !~ /\.data\.rel\.ro/ && !/ d[ \t]/ {
		print object ": writable global: " $NF
	}' >>"$breaches"
done

find "$src" -name '*.[ch]' -exec wc -l {} + | awk '$1 > 400 && $2 != "total" { print "long: " $2 ", " $1 " lines" }' >&2
cat "$breaches"
[ ! -s "$breaches" ]
