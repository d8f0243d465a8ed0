/* oci.c - see oci.h. */
#include "oci.h"

#include "../base/cleanup.h"

#include <sha256.h>
#include <string.h>

const char *const oci_unsaid[] = {
	"name", "env_pass", "exec_once", "exec", "landlock", "network.listen", "network.connect", "passwd", "hosts", "dns",
	"init", "stop.signal", "stop.timeout", "reload.signal", "secrets", "notify", "sockets",
	"healthcheck.exec", "healthcheck.tcp", "healthcheck.interval", "healthcheck.timeout", "healthcheck.retries",
	"healthcheck.start_period", "healthcheck.on_failure", "alerts.cpu_throttled", "alerts.memory_pressure", "alerts.pids", "alerts.restarts", "alerts.denied_execs",
	"log.driver", "log.path", "log.max_size", "log.max_files", "log.compress", "log.full", "log.failure",
	/* that one is not wanted, which a list without it says of everybody who did not think of it */
	"namespaces.user", "namespaces.ipc", "namespaces.uts", "namespaces.cgroup", "namespaces.time", NULL
};

#define ROW(name, NAME) { #name, "RLIMIT_" #NAME, offsetof(struct rlimit_policy, name) }
const struct oci_rlimit oci_rlimits[] = {
	ROW(nofile, NOFILE), ROW(nproc, NPROC), ROW(core, CORE), ROW(fsize, FSIZE), ROW(memlock, MEMLOCK), ROW(stack, STACK),
	ROW(as, AS), ROW(cpu, CPU), ROW(msgqueue, MSGQUEUE), ROW(sigpending, SIGPENDING), ROW(rtprio, RTPRIO),
};
const size_t oci_rlimits_len = COUNT(oci_rlimits);
_Static_assert(sizeof(struct rlimit_policy) == COUNT(oci_rlimits) * sizeof(uint64_t), "a row for every member");

bool oci_digest(json_t *seccomp, char hex[OCI_DIGEST])
{
	_auto(free_mem) char *text = json_dumps(seccomp, JSON_COMPACT | JSON_SORT_KEYS);

	return text && SHA256Data((const uint8_t *)text, strlen(text), hex);
}
