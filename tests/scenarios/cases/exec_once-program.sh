# After the launch nothing can be executed.
# policy: {"exec_once": true}
# weak: {"exec_once": false}
# denied: not permitted
probe true
