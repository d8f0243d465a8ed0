# A setuid program on a volume gives nothing, also where no_new_privs would not stop it.
# needs: root
# waive: namespaces.user seccomp landlock no_new_privs devices
# policy: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "exec": true}]}
# weak: {"mounts": [{"type": "bind", "source": "/WORK/volume", "target": "/data", "exec": true, "suid": true}]}
# denied: uid 10001 10001
#$ mkdir volume
#$ cp "$PROBE" volume/suid
#$ chmod 4755 volume/suid
/data/suid uid
