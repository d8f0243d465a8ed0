# A core dump of every process of ours: there is none, whatever RLIMIT_CORE says; the workload, which has the secret, can have one.
# It changes the host's core_pattern, and so is for a guest of tests/vm alone.
# needs: root /payload/probe
# slow: 2
import ctypes, shutil, struct
password = f'hunter2-{os.getpid()}-correct-horse'
source = WORK / 'password'
source.write_text(password)
source.chmod(0o400)
ground.log_dir(WORK / 'log')
top = Path(f'/var/tmp/casemate-cores-{os.getpid()}')      # not in WORK, which the kernel's own processes do not see
cores = top / 'cores'
cores.mkdir(parents=True)
handler = top / 'handler'       # by a pipe: neither RLIMIT_CORE nor a read-only root nor Landlock is in its way
handler.write_text(f'#!/bin/sh\ncat >{cores}/$1\n')
handler.chmod(0o755)
policy = {'secrets': [{'name': 'db', 'file': str(source)}],
          'log': {'driver': 'json-file', 'path': str(WORK / 'log'), 'failure': 'drop'}}
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
def ptrace(request, pid, data=None):
    expect(libc.ptrace(request, pid, None, data) >= 0, 'ptrace', request, os.strerror(ctypes.get_errno()))
def crash(pid):
    """At its next instruction, which is nowhere: a fault that no process can block or ignore, not even a PID 1."""
    seize, getregs, setregs, detach = 16, 12, 13, 17
    ptrace(seize, pid)      # PTRACE_ATTACH
    os.waitpid(pid, 0x40000000)     # __WALL
    registers = ctypes.create_string_buffer(27 * 8)     # struct user_regs_struct
    ptrace(getregs, pid, registers)
    struct.pack_into('=q', registers, 15 * 8, -1)       # orig_rax: no system call is to be begun anew
    struct.pack_into('=Q', registers, 16 * 8, 0x10)     # rip
    ptrace(setregs, pid, registers)
    ptrace(detach, pid)
def alive(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] not in 'ZX'
    except OSError:
        return False
def arguments(pid):
    try:
        return Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
    except OSError:
        return [b'']
def wait_until_gone(pid):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and alive(pid):
        time.sleep(0.1)
    expect(not alive(pid), 'it is still there', pid)
def launch(act):
    running = start(act, policy=policy, options=['--name', 'cores'], wrapper=['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'limit'])
    return running, running.event('launched')
pattern = Path('/proc/sys/kernel/core_pattern')
before = pattern.read_text()
pattern.write_text(f'|{handler} %P')
try:
    # One that has it and may: the handler works, and what it was given has the secret.
    running, launched = launch('held=$(cat /run/secrets/db); sleep 60; echo "$held"')
    pid = launched['pid']
    deadline = time.monotonic() + 30
    # The shell's own copy for $(cat) has "sleep" in its command line, too.
    while time.monotonic() < deadline and not any(arguments(c)[0] == b'sleep' for c in ground.children(pid)):
        time.sleep(0.1)
    crash(pid)
    running.wait()
    core = cores / str(pid)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (core.exists() and password.encode() in core.read_bytes()):
        time.sleep(0.2)
    expect(core.exists() and password.encode() in core.read_bytes(), 'the workload has no core', list(cores.iterdir()))
    core.unlink()
    # Ours, one after the other.
    for which, whose in ('log driver', lambda l: l['log']['pid']), ('PID 1', lambda l: l['init_pid']), ('supervisor', lambda l: l['supervisor_pid']):
        running, launched = launch('cat /run/secrets/db >/dev/null; sleep 60')
        pid = whose(launched)
        crash(pid)
        if which == 'supervisor':
            wait_until_gone(launched['pid'])
        else:
            wait_until_gone(pid)
            running.signal(signal.SIGTERM)
        result = running.wait()
        note(f'{which}: {result.code}')
        time.sleep(1)
        expect(not list(cores.iterdir()), f'a core of the {which}', list(cores.iterdir()))
finally:
    pattern.write_text(before)
    shutil.rmtree(top)
    casemate('rm', 'cores')
    Path('/var/log/casemate/cores').unlink(missing_ok=True)
