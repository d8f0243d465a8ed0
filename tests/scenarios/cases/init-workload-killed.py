# When the workload ends, so does the container, whatever else runs in it.
result = run("""
    sleep 600 & setsid sleep 600 & (sleep 600 &)
    until [ "$(ps -o args | grep -c '^sleep 600')" = 3 ]; do sleep 0.1; done
    kill -KILL $$
""")
expect(result.code == 137, result)
