# A control that this host lacks is an error that says how to go on without it; nothing is left out silently.
for control in GAPS:
    result = run('true', waive=[c for c in GAPS if c != control])
    expect(result.code == 125 and not result.begun and control in result.err, control, result)
