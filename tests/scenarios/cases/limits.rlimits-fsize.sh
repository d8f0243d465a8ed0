# A file has a largest size.
# policy: {"limits": {"rlimits": {"fsize": "64K"}}}
# weak: {"limits": {"rlimits": {"fsize": "2M"}}}
# denied: File too large|exit 153
dd if=/dev/zero of=/tmp/file bs=128K count=8
