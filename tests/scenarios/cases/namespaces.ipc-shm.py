# Shared memory of the host cannot be reached by its key.
made = sh('ipcmk -M 4096 -p 0666')
ident = int(re.search(r'\d+', made)[0])
try:
    key = next(line.split()[0] for line in Path('/proc/sysvipc/shm').read_text().splitlines()[1:] if line.split()[1] == str(ident))
    pair(f'probe shm {key}', without=['namespaces.ipc'], denied='shmat: ENOENT')
finally:
    sh(f'ipcrm -m {ident}')
