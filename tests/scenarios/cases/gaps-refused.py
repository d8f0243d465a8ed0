# A control that this host lacks is an error that says how to go on without it; nothing is left out silently.
for control in set(GAPS) - {'limits.cpuset', 'limits.io'}:    # the default policy asks for the others
    result = run('true', gaps=[c for c in GAPS if c != control])
    expect(result.code == 125 and not result.begun and (control in result.err or 'systemd-run' in result.err), control, result)
