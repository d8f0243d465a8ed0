# Mount and pid namespace cannot be left out: nothing else would hold.
for name in 'namespaces.mount', 'namespaces.pid', 'mounts':
    result = run(without=[name])
    expect(result.code == 125 and not result.begun, result)
