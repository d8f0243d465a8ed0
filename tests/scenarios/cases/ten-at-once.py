# Ten launches at the same moment do not disturb one another.
running = [start(f'sleep 0.3; exit {n}') for n in range(10)]
codes = [r.wait().code for r in running]
expect(codes == list(range(10)), codes)
