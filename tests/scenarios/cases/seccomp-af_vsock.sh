# No way to the hypervisor; and the family is an int: bits above 31 are not looked at by the kernel, nor by the filter.
# waive: apparmor
# without: seccomp
# denied: af_vsock: EPERM\naf_vsock_high: EPERM
probe call af_vsock af_vsock_high
