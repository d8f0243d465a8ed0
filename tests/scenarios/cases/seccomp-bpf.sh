# No bpf and no perf events.
# without: seccomp
# denied: bpf: EPERM\nperf_event_open: EPERM
probe call bpf perf_event_open
