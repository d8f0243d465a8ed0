# A profile that changes under a running workload is seen by verify: complain mode, and gone altogether.
# needs: root apparmor
PROFILE = 'abi <abi/3.0>,\nprofile scenario-drift flags=(attach_disconnected) { /** rwmix, signal, network unix, }\n'
with ground.apparmor(PROFILE) as parser:
    running = start('sleep 600', options=['--name', 'scenario'], policy={'apparmor': 'scenario-drift'})
    pid = running.event('launched')['pid']
    expect(casemate('verify', 'scenario').code == 0, 'as launched')
    parser('-r', '-C')
    expect(ground.attr(pid) == 'scenario-drift (complain)', ground.attr(pid))
    result = casemate('verify', 'scenario')
    expect(result.code == 1 and re.search('apparmor.*complain', result.text), result)
    parser('-r')
    expect(casemate('verify', 'scenario').code == 0, 'in enforce mode again')
    parser('-R')
    expect(ground.attr(pid) == 'unconfined', ground.attr(pid))
    result = casemate('verify', 'scenario')
    expect(result.code == 1 and re.search('apparmor.*unconfined', result.text), result)
    running.signal(signal.SIGTERM)
    running.wait()
