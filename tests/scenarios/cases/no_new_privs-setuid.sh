# A setuid program of root's gives nothing. Namespace, filter and Landlock are off in both halves: they would do too, or need it.
# needs: root
# waive: namespaces.user seccomp landlock devices
# without: no_new_privs
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "exec": true, "suid": true}]}
# denied: uid 10001 10001
#$ mkdir volume
#$ cp "$PROBE" volume/suid
#$ chmod 4755 volume/suid
/data/suid uid
