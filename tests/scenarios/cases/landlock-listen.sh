# A server listens where its policy says, and nowhere else.
# needs: linux-6.7
# policy: {"network": {"listen": [8080]}}
# without: landlock
# denied: bind: ok\nbind: EACCES
probe bind 8080
probe bind 9090
