# The rules by which uid 0 gets capabilities stay off, even for who has CAP_SETPCAP.
# policy: {"capabilities": ["SETPCAP"]}
# without: securebits
# denied: securebits: EPERM
probe securebits
