/* listen.c - see listen.h.
 *
 * A socket from outside is a hole in the container's wall, made on purpose: so the policy says which, by name and kind. What the
 * manager hands over beyond that is an error, not something to close quietly: the unit and the policy disagree. */
#include "listen.h"
#include "environ.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

static int nonsense(struct err *e, const char *name)
{
	return err_set(e, ERR_USAGE, 0, "unset it; a service manager sets LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES (sd_listen_fds(3))",
		       "%s makes no sense", name);
}

/* "web:admin", a name for each; without the variable they are "unknown", as sd_listen_fds_with_names(3) calls them. */
static int parse_names(const char *names, struct listen_said *ret, struct err *e)
{
	for (size_t i = 0; i < ret->n; i++) {
		ret->name[i].s = names ? names : "unknown";
		ret->name[i].len = names ? strcspn(names, ":") : strlen("unknown");
		if (names && (names[ret->name[i].len] == ':') != (i + 1 < ret->n))
			return nonsense(e, "LISTEN_FDNAMES");
		names = names ? names + ret->name[i].len + 1 : NULL;
	}
	return 0;
}

int listen_parse(const char *const *env, pid_t pid, struct listen_said *ret, struct err *e)
{
	const char *whose = environ_get(env, "LISTEN_PID"), *count = environ_get(env, "LISTEN_FDS");
	uint64_t id = 0, n = 0;

	*ret = (struct listen_said){ 0 };
	if (!whose || !count)
		return 0;
	if (!environ_number(whose, INT32_MAX, &id) || id == 0)
		return nonsense(e, "LISTEN_PID");
	if (id != (uint64_t)pid)
		return 0;	/* for one of those who started us, and left in the environment */
	if (!environ_number(count, INT32_MAX, &n))
		return nonsense(e, "LISTEN_FDS");
	if (n > LISTEN_MAX)
		return err_set(e, ERR_USAGE, 0, NULL, "%llu sockets were handed over: at most %d", (unsigned long long)n, LISTEN_MAX);
	ret->n = n;
	return parse_names(environ_get(env, "LISTEN_FDNAMES"), ret, e);
}

static bool is_named(const struct socket_policy *s, const char *name, size_t len)
{
	return name && strlen(s->name) == len && memcmp(s->name, name, len) == 0;
}

/* All of them are in the policy, and are open: what is close-on-exec is ours already, and no manager's. */
static int compare(const struct policy *p, const struct listen_said *said, struct err *e)
{
	for (size_t i = 0; i < said->n; i++) {
		int flags = fcntl(LISTEN_FIRST + (int)i, F_GETFD);
		bool known = false;

		for (size_t k = 0; k < p->n_sockets; k++)
			known |= is_named(&p->sockets[k], said->name[i].s, said->name[i].len);
		if (!known) {
			err_set(e, ERR_POLICY, 0, "add it to sockets, or take it out of the .socket unit",
				"the service manager hands over a socket '%.*s' that the policy does not name", (int)said->name[i].len, said->name[i].s);
			return err_at(e, "/sockets");
		}
		if (flags < 0 || flags & FD_CLOEXEC)
			return err_set(e, ERR_USAGE, flags < 0 ? EBADF : 0, NULL, "LISTEN_FDS=%zu, but descriptor %d is not handed over",
				       said->n, LISTEN_FIRST + (int)i);
	}
	return 0;
}

/* A look at the plan wants to see one of each. */
static void pretend(const struct policy *p, struct listen_said *said)
{
	said->n = p->n_sockets;
	for (size_t i = 0; i < said->n; i++) {
		said->name[i].s = p->sockets[i].name;
		said->name[i].len = strlen(p->sockets[i].name);
	}
}

static const char **copy_names(const struct listen_said *said, struct arena *a)
{
	const char **names = arena_alloc(a, (said->n + 1) * sizeof(*names));

	for (size_t i = 0; names && i < said->n; i++)
		names[i] = arena_strndup(a, said->name[i].s, said->name[i].len);
	return names;
}

int listen_plan(const struct policy *p, const struct request *rq, struct plan *plan, struct arena *a, struct err *e)
{
	struct listen_said said = { 0 };

	if (rq->running)
		return 0;
	if (rq->dry)
		pretend(p, &said);
	else if (listen_parse(rq->environ, getpid(), &said, e) < 0 || compare(p, &said, e) < 0)
		return err_step(e, "sockets");
	plan->sockets = p->sockets;
	plan->n_sockets = p->n_sockets;
	plan->preserve_fds = (unsigned)said.n;
	plan->socket_names = copy_names(&said, a);
	return plan->socket_names ? 0 : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the names of the sockets");
}

/* --- what they are --- */

static const int families[][2] = { [SOCKET_INET] = { AF_INET, AF_INET6 }, [SOCKET_UNIX] = { AF_UNIX, AF_UNIX } };
static const int types[] = { [SOCKET_STREAM] = SOCK_STREAM, [SOCKET_DGRAM] = SOCK_DGRAM, [SOCKET_SEQPACKET] = SOCK_SEQPACKET };

struct kind { int family, type, listens; };

static bool fits(const struct socket_policy *s, const struct kind *k)
{
	bool listener = s->type != SOCKET_DGRAM && !s->accepted;

	return (families[s->family][0] == k->family || families[s->family][1] == k->family) && types[s->type] == k->type &&
	       (k->listens != 0) == listener;
}

static int look_at(const struct launch *l, int fd, struct kind *k)
{
	int r = sys_getsockopt(l->sys, fd, SO_DOMAIN, &k->family);

	if (r >= 0)
		r = sys_getsockopt(l->sys, fd, SO_TYPE, &k->type);
	if (r >= 0)
		r = sys_getsockopt(l->sys, fd, SO_ACCEPTCONN, &k->listens);
	return r;
}

static int missing(const struct socket_policy *s, size_t i, struct err *e)
{
	err_set(e, ERR_USAGE, 0, "start it by a .socket unit whose FileDescriptorName= is this name, not with -d",
		"no socket '%s' of its kind was handed over", s->name);
	return err_at(e, "/sockets/%zu", i);
}

int listen_check(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	bool seen[LISTEN_MAX] = { false };

	for (unsigned i = 0; i < p->preserve_fds && p->n_sockets; i++) {
		struct kind k = { 0 };
		int r = look_at(l, LISTEN_FIRST + (int)i, &k);
		bool fit = false;

		for (size_t s = 0; r >= 0 && s < p->n_sockets; s++)
			if (strcmp(p->sockets[s].name, p->socket_names[i]) == 0 && fits(&p->sockets[s], &k))
				seen[s] = fit = true;
		if (!fit) {
			err_set(e, ERR_POLICY, r, "family, type and accepted of the policy, and the .socket unit, must agree",
				"the socket '%s' is of another kind than the policy says%s", p->socket_names[i],
				r < 0 ? "" : k.listens ? ": it listens" : ": it does not listen");
			return err_at(e, "/sockets");
		}
	}
	for (size_t s = 0; s < p->n_sockets; s++)
		if (!seen[s])
			return missing(&p->sockets[s], s, e);
	return 0;
}
