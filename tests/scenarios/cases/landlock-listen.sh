# A server listens where its policy says, and nowhere else.
# needs: linux-6.7 landlock
# policy: {"network": {"listen": [8080]}}
# weak: {"network": {"listen": null}}
# denied: bind: ok\nbind: EACCES
probe bind 8080
probe bind 9090
