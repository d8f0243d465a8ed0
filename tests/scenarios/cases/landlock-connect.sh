# A client connects where its policy says, and nowhere else. Nobody listens there: refused by the peer, not by us.
# needs: linux-6.7 landlock
# policy: {"network": {"connect": [8080]}}
# weak: {"network": {"connect": null}}
# denied: connect: ECONNREFUSED\nconnect: EACCES
probe connect 8080 || true
probe connect 9090 | tee /tmp/said
grep -q ECONNREFUSED /tmp/said
