# The caller's keys are not the workload's.
# wrapper: /PROBE key add casemate-scenario --
# waive: seccomp
# without: session
# denied: keyctl: ENOKEY
probe key find casemate-scenario
