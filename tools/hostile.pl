# hostile.pl - what an intruder would try first, from inside a container.
#
#	casemate run --set 'args=["/usr/bin/perl"]' nginx.json -- - PID [SKIP...] <hostile.pl
#
# PID is a process of the host to shoot at, SKIP names what nobody guards here (limits.memory, ports). Prints one
# line per act and exits 1 unless every one of them was refused. An errno that is no refusal (a bad
# address, a wrong argument) means that the kernel did listen, and counts as a success of the act.
use strict;
use warnings;
use Errno qw(EPERM EACCES EINVAL EROFS ENOSYS ESRCH ENOENT ENETUNREACH EAGAIN ENOMEM ENXIO ETXTBSY);
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT);
use POSIX qw(WNOHANG);
use Socket;

$| = 1;
my ($target, @skip) = @ARGV;
my %skip = map { $_ => 1 } @skip;
my %refusal = map { $_ => 1 } EPERM, EACCES, EROFS, ENOSYS, ESRCH, ENOENT, ENETUNREACH, EAGAIN, ENXIO, ETXTBSY;

my %x86_64 = (clone => 56, ptrace => 101, setuid => 105, setgroups => 116, mknodat => 259, mount => 165,
	reboot => 169, sethostname => 170, init_module => 175, add_key => 248, unshare => 272,
	perf_event_open => 298, open_by_handle_at => 304, setns => 308, process_vm_writev => 311,
	bpf => 321, userfaultfd => 323, io_uring_setup => 425, open_tree => 428, clone3 => 435,
	clock_settime => 227, chroot => 161, fchmodat => 268);
my %aarch64 = (clone => 220, ptrace => 117, setuid => 146, setgroups => 159, mknodat => 33, mount => 40,
	reboot => 142, sethostname => 161, init_module => 105, add_key => 217, unshare => 97,
	perf_event_open => 241, open_by_handle_at => 265, setns => 268, process_vm_writev => 271,
	bpf => 280, userfaultfd => 282, io_uring_setup => 425, open_tree => 428, clone3 => 435,
	clock_settime => 112, chroot => 51, fchmodat => 53);
my $machine = (POSIX::uname())[4];
my %nr = $machine eq 'x86_64' ? %x86_64 : $machine eq 'aarch64' ? %aarch64 : die "no call numbers for $machine\n";

sub kernel { my ($name, @args) = @_; return syscall($nr{$name}, @args) != -1 }
sub opens { my ($path, $flags) = @_; return sysopen(my $f, $path, $flags, 0600) }
sub copied { open(my $in, '<', $^X) and open(my $out, '>', $_[0]) or die "$_[0]: $!\n"; binmode $out; print $out do { local $/; <$in> }; close $out }
sub bound { my $port = shift; socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n"; return bind($s, sockaddr_in($port, INADDR_ANY)) }

# In a child, so that a success cannot replace this script.
sub executes {
	my $path = shift;
	pipe(my $r, my $w);
	defined(my $pid = fork) or die "fork: $!\n";
	if (!$pid) {
		no warnings 'exec';
		exec { $path } $path, '-e', 'exit 0';
		syswrite($w, pack('l', $! + 0));
		POSIX::_exit(1);
	}
	close $w;
	sysread($r, my $said, 4);
	waitpid($pid, 0);
	return 1 if $? == 0;
	$! = length $said ? unpack('l', $said) : 0;
	return 0;
}

sub forks {
	my ($many, @born) = shift;
	my $why = 0;
	for (1 .. $many) {
		my $pid = fork;
		if (!defined $pid) { $why = $! + 0; last }
		if (!$pid) { sleep 60; POSIX::_exit(0) }
		push @born, $pid;
	}
	kill 'KILL', @born;
	waitpid($_, 0) for @born;
	$! = $why;
	return !$why;
}

# A success is measured by the pages touched: an allocation alone costs nothing.
sub eats {
	my $megabytes = shift;
	defined(my $pid = fork) or die "fork: $!\n";
	if (!$pid) { my @held = map { 'x' x (1 << 20) } 1 .. $megabytes; POSIX::_exit(@held ? 0 : 1) }
	waitpid($pid, 0);
	return 1 if $? == 0;
	$! = ENOMEM;
	return 0;
}
$refusal{+ENOMEM} = 1;

my @acts = (
	# In a user namespace without a uid 0 the kernel calls 0 an invalid argument.
	['become root',                        sub { kernel('setuid', 0) }, undef, EINVAL],
	['write to /',                         sub { opens('/pwned', O_WRONLY | O_CREAT) }],
	['write to /etc/passwd',               sub { opens('/etc/passwd', O_WRONLY) }],
	['replace the web page',               sub { opens('/usr/share/nginx/html/index.html', O_WRONLY) }],
	['make a device node',                 sub { kernel('mknodat', -100, '/tmp/mem', 0020666, 0x101) }],
	['make a set-user-id file',            sub { opens('/tmp/suid', O_WRONLY | O_CREAT) or die; kernel('fchmodat', -100, '/tmp/suid', 04755) }],
	['run a program dropped into /tmp',    sub { copied('/tmp/dropped'); chmod 0755, '/tmp/dropped'; executes('/tmp/dropped') }],
	['run another program of the image',   sub { executes($^X) }],
	['mount a file system',                sub { kernel('mount', 'none', '/tmp', 'tmpfs', 0, 0) }],
	['take a mount tree (open_tree)',      sub { kernel('open_tree', -100, '/', 1) }],
	['chroot',                             sub { kernel('chroot', '/tmp') }],
	['a user namespace by unshare',        sub { kernel('unshare', 0x10000000) }],
	['a user namespace by clone',          sub { my $r = syscall($nr{clone}, 0x10000000 | 17, 0, 0, 0, 0); POSIX::_exit(0) if $r == 0; $r > 0 }],
	['clone3',                             sub { kernel('clone3', 0, 0) }],
	['join another namespace',             sub { opens('/proc/1/ns/mnt', O_RDONLY) ? kernel('setns', 0, 0) : 0 }],
	['trace process 1',                    sub { kernel('ptrace', 0x4206, 1, 0, 0) }],
	['write into process 1',               sub { kernel('process_vm_writev', 1, 0, 0, 0, 0, 0) }],
	['open the memory of process 1',       sub { opens('/proc/1/mem', O_RDWR) }],
	['overwrite the launcher',             sub { opens('/proc/1/exe', O_RDWR) }],
	["kill process $target of the host",   sub { kill 'KILL', $target }],
	['read kernel memory (/proc/kcore)',   sub { opens('/proc/kcore', O_RDONLY) }],
	['set the core pattern',               sub { opens('/proc/sys/kernel/core_pattern', O_WRONLY) }],
	['press SysRq',                        sub { opens('/proc/sysrq-trigger', O_WRONLY) }],
	['load a kernel module',               sub { kernel('init_module', 0, 0, '') }],
	['load a BPF program',                 sub { kernel('bpf', 5, 0, 0) }],
	['set up io_uring',                    sub { kernel('io_uring_setup', 1, 0) }],
	['userfaultfd',                        sub { kernel('userfaultfd', 0) }],
	['perf_event_open',                    sub { kernel('perf_event_open', 0, 0, -1, -1, 0) }],
	['add a key',                          sub { kernel('add_key', 'user', 'k', 'v', 1, -3) }],
	['open a file by handle',              sub { kernel('open_by_handle_at', -100, 0, 0) }],
	['set the clock',                      sub { kernel('clock_settime', 0, 0) }],
	['rename the host',                    sub { kernel('sethostname', 'pwned', 5) }],
	['type into the terminal (TIOCSTI)',   sub { my $key = 'x'; defined ioctl(STDIN, 0x5412, $key) }],
	['a raw socket',                       sub { socket(my $s, PF_INET, SOCK_RAW, 1) }],
	['a packet socket',                    sub { socket(my $s, 17, SOCK_RAW, 0) }],
	['a kernel crypto socket (AF_ALG)',    sub { socket(my $s, 38, SOCK_SEQPACKET, 0) }],
	['a hypervisor socket (AF_VSOCK)',     sub { socket(my $s, 40, SOCK_STREAM, 0) }],
	['listen on a port not declared',      sub { bound(8081) }, 'ports'],
	['reach a host outside',               sub { socket(my $s, PF_INET, SOCK_STREAM, 0) or die; connect($s, sockaddr_in(80, inet_aton('192.0.2.1'))) }],
	['fork without end',                   sub { forks(1000) }],
	['eat 1 GiB of memory',                sub { eats(1024) }, 'limits.memory'],
);

my $done = 0;
for (@acts) {
	my ($name, $act, $control, $also) = @$_;
	if ($control && $skip{$control}) {
		printf "  %-9s %-12s %s (%s)\n", 'left out', '', $name, $control;
		next;
	}
	$! = 0;
	my $worked = $act->();
	my $errno = $! + 0;
	my ($word) = grep { $!{$_} } qw(EPERM EACCES EINVAL EROFS ENOSYS ESRCH ENOENT ENETUNREACH EAGAIN ENOMEM ENXIO ETXTBSY);
	if (!$worked && ($refusal{$errno} || $errno == ($also // -1))) {
		printf "  %-9s %-12s %s\n", 'denied', $word, $name;
	} else {
		printf "  %-9s %-12s %s\n", 'SUCCEEDED', $worked ? '' : "$!", $name;
		$done++;
	}
}
exit($done ? 1 : 0);
