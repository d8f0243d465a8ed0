# casemate stats says what the files of the cgroup say, in every form.
# needs: limits.memory limits.cpus limits.pids
running = start('trap : TERM; probe memory 30 >/dev/null; (while :; do :; done) & sleep 1000 & echo up; wait', options=['--name', 'scenario'],
                policy={'limits': {'memory': '128M', 'cpus': 0.2, 'pids': 20}, 'stop': {'timeout': '1s'}})
running.wait_for('up', 60)
cgroup = Path('/sys/fs/cgroup' + running.event('launched')['cgroup'])


def file(name, key=None):
    text = (cgroup / name).read_text()
    return int(text if key is None else re.search(rf'^{key} (\d+)$', text, re.M)[1])


deadline = time.monotonic() + 60
while file('cpu.stat', 'nr_throttled') < 3:
    expect(time.monotonic() < deadline, 'it is throttled')
    time.sleep(0.05)
low = {name: file('cpu.stat', name) for name in ('usage_usec', 'throttled_usec')}
result = casemate('stats', '--json', '--no-stream', 'scenario')
expect(result.code == 0, result)
told = json.loads(result.out)
high = {name: file('cpu.stat', name) for name in ('usage_usec', 'throttled_usec')}
for name in low:
    expect(low[name] <= told['cpu'][name] <= high[name], name, low, told, high)
expect(told['name'] == 'scenario' and told['paused'] is False, told)
expect(told['memory']['max'] == 128 << 20 and told['memory']['swap_max'] == 0 and told['memory']['high'] is None, told)
expect(30 << 20 <= told['memory']['peak'] <= 129 << 20 and 0 < told['memory']['current'] <= told['memory']['peak'], told)
expect(told['pids']['current'] == file('pids.current') and told['pids']['max'] == 20, told)
expect(told['memory']['oom_kills'] == 0 and told['cpu']['throttled_periods'] >= 3, told)
pressure = cgroup / 'cpu.pressure'
expect((told['pressure']['cpu']['some'] is not None) == pressure.exists(), told)

# Every metric has its HELP and TYPE before its values, once, and the names are this container's.
result = casemate('stats', '--prometheus')
expect(result.code == 0, result)
seen = set()
for line in result.out.splitlines():
    match = re.fullmatch(r'# (?:HELP|TYPE) (\w+) .+', line)
    if match:
        current = match[1]
        expect(line.startswith('# TYPE') == ((current, 'HELP') in seen) and (current, line[2:6]) not in seen, line)
        seen.add((current, line[2:6]))
    else:
        expect(re.fullmatch(rf'{current}\{{name="[\w.-]+"[^}}]*\}} \d+(\.\d+)?', line), line)
expect(f'casemate_memory_limit_bytes{{name="scenario"}} {128 << 20}\n' in result.out, result.out)
value = float(re.search(r'^casemate_cpu_usage_seconds_total\{name="scenario"\} (.*)$', result.out, re.M)[1])
expect(value >= told['cpu']['usage_usec'] / 1e6, value, told)
expect('casemate_memory_high_bytes{' not in result.out, 'what is not limited is not told')

# A table tells shares of the time between two looks: a fifth of a CPU, give or take a period.
result = casemate('stats', '--no-stream', 'scenario')
share = float(re.search(r'^scenario +([\d.]+)%', result.out, re.M)[1])
expect(1 <= share <= 40, result.out)
expect(re.search(r'^scenario .* 128M ', result.out, re.M), result.out)
running.signal(signal.SIGTERM)
running.wait(60)
result = casemate('stats', '--no-stream', 'scenario')
expect(result.code == 125 and result.out == '', result)
