# No keyrings: they are not namespaced.
# without: seccomp
# denied: keyctl: EPERM\nadd_key: EPERM\nrequest_key: EPERM
probe call keyctl add_key request_key
