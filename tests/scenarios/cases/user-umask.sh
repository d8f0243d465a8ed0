# Files are not made for everybody to write.
# weak: {"user": {"umask": "0000"}}
# denied: 600
: > /tmp/file
stat -c %a /tmp/file
[ "$(stat -c %a /tmp/file)" = 666 ]
