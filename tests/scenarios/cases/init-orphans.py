# A workload that ends takes its children with it, and the streams are closed.
began = time.monotonic()
result = run('(sleep 600; echo late) & echo done')
expect(result.code == 0 and 'done' in result.out and time.monotonic() - began < 5, result)
