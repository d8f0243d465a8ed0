# Nothing of the caller's environment gets in.
# env: CASEMATE_LEAK=1
# weak: {"env_pass": ["CASEMATE_LEAK"]}
# denied: exit 1
[ -n "${CASEMATE_LEAK:-}" ]
