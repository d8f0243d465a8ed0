/* ports.c - see ports.h: nf_tables over netlink, in one transaction (include/uapi/linux/netfilter/nf_tables.h). No library and no
 * other program: there is one table of two chains, and whoever runs a hook may not have nft(8). */
#include "ports.h"

#include "../base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Two lists of as many ports as a policy holds, and a rule is some 300 bytes. */
enum { BATCH_MAX = 2 * LIST_MAX * 400 + 4096, SYN = 0x02, SYN_ACK = 0x12, FLAGS_AT = 13, DPORT_AT = 2, PATIENCE_MS = 5000 };

struct batch {
	size_t len;
	bool full;		/* must not be sent (CVE-2021-43784 is what comes of lengths that nobody checks) */
	uint32_t seq;
	char data[BATCH_MAX];
};

/* --- messages --- */

static void *space(struct batch *b, size_t size)
{
	void *at = b->data + b->len;

	size = NLMSG_ALIGN(size);
	if (b->full || size > sizeof(b->data) - b->len) {
		b->full = true;
		return NULL;
	}
	memset(at, 0, size);
	b->len += size;
	return at;
}

static void attribute(struct batch *b, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = space(b, NLA_HDRLEN + len);

	if (!a)
		return;
	*a = (struct nlattr){ .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	memcpy((char *)a + NLA_HDRLEN, data, len);
}

static void text(struct batch *b, uint16_t type, const char *s)
{
	attribute(b, type, s, strlen(s) + 1);
}

static void number(struct batch *b, uint16_t type, uint32_t v)
{
	v = htonl(v);
	attribute(b, type, &v, sizeof(v));
}

static size_t nest(struct batch *b, uint16_t type)
{
	size_t at = b->len;

	attribute(b, type | NLA_F_NESTED, "", 0);
	return at;
}

static void end_nest(struct batch *b, size_t at)
{
	if (!b->full)
		((struct nlattr *)(void *)(b->data + at))->nla_len = (uint16_t)(b->len - at);
}

static size_t begin(struct batch *b, uint16_t type, uint16_t flags, uint8_t family)
{
	size_t at = b->len;
	struct nlmsghdr *h = space(b, NLMSG_HDRLEN);
	struct nfgenmsg *g = space(b, sizeof(*g));

	if (!h || !g)
		return at;
	*h = (struct nlmsghdr){ .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++b->seq };
	*g = (struct nfgenmsg){ .nfgen_family = family, .version = NFNETLINK_V0, .res_id = family ? 0 : htons(NFNL_SUBSYS_NFTABLES) };
	return at;
}

static void end(struct batch *b, size_t at)
{
	if (!b->full)
		((struct nlmsghdr *)(void *)(b->data + at))->nlmsg_len = (uint32_t)(b->len - at);
}

static size_t table(struct batch *b, uint16_t type, uint16_t flags)
{
	return begin(b, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET);
}

/* --- a rule's expressions --- */

static size_t expression(struct batch *b, const char *name, size_t *data)
{
	size_t at = nest(b, NFTA_LIST_ELEM);

	text(b, NFTA_EXPR_NAME, name);
	*data = nest(b, NFTA_EXPR_DATA);
	return at;
}

static void end_expression(struct batch *b, size_t at, size_t data)
{
	end_nest(b, data);
	end_nest(b, at);
}

static void value(struct batch *b, uint16_t type, const void *data, size_t len)
{
	size_t at = nest(b, type);

	attribute(b, NFTA_DATA_VALUE, data, len);
	end_nest(b, at);
}

static void equals(struct batch *b, const void *data, size_t len)
{
	size_t in, at = expression(b, "cmp", &in);

	number(b, NFTA_CMP_SREG, NFT_REG_1);
	number(b, NFTA_CMP_OP, NFT_CMP_EQ);
	value(b, NFTA_CMP_DATA, data, len);
	end_expression(b, at, in);
}

static void is_tcp(struct batch *b)
{
	const uint8_t tcp = IPPROTO_TCP;
	size_t in, at = expression(b, "meta", &in);

	number(b, NFTA_META_DREG, NFT_REG_1);
	number(b, NFTA_META_KEY, NFT_META_L4PROTO);
	end_expression(b, at, in);
	equals(b, &tcp, sizeof(tcp));
}

static void header(struct batch *b, uint32_t offset, uint32_t len)
{
	size_t in, at = expression(b, "payload", &in);

	number(b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	number(b, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	number(b, NFTA_PAYLOAD_OFFSET, offset);
	number(b, NFTA_PAYLOAD_LEN, len);
	end_expression(b, at, in);
}

/* The first packet of a connection, whoever makes it. */
static void is_first(struct batch *b)
{
	const uint8_t mask = SYN_ACK, none = 0, syn = SYN;
	size_t in, at;

	header(b, FLAGS_AT, 1);
	at = expression(b, "bitwise", &in);
	number(b, NFTA_BITWISE_SREG, NFT_REG_1);
	number(b, NFTA_BITWISE_DREG, NFT_REG_1);
	number(b, NFTA_BITWISE_LEN, 1);
	value(b, NFTA_BITWISE_MASK, &mask, 1);
	value(b, NFTA_BITWISE_XOR, &none, 1);
	end_expression(b, at, in);
	equals(b, &syn, 1);
}

static void accept_it(struct batch *b)
{
	size_t in, at = expression(b, "immediate", &in), data, verdict;

	number(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nest(b, NFTA_IMMEDIATE_DATA);
	verdict = nest(b, NFTA_DATA_VERDICT);
	number(b, NFTA_VERDICT_CODE, NF_ACCEPT);
	end_nest(b, verdict);
	end_nest(b, data);
	end_expression(b, at, in);
}

/* A reset, so that whoever tries need not wait. */
static void reset_it(struct batch *b)
{
	const uint8_t code = 0;
	size_t in, at = expression(b, "reject", &in);

	number(b, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
	attribute(b, NFTA_REJECT_ICMP_CODE, &code, 1);
	end_expression(b, at, in);
}

/* --- table, chains, rules --- */

static void put_chain(struct batch *b, const char *name, const char *chain, uint32_t hook)
{
	size_t at = table(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE), hooks;

	text(b, NFTA_CHAIN_TABLE, name);
	text(b, NFTA_CHAIN_NAME, chain);
	hooks = nest(b, NFTA_CHAIN_HOOK);
	number(b, NFTA_HOOK_HOOKNUM, hook);
	number(b, NFTA_HOOK_PRIORITY, 0);
	end_nest(b, hooks);
	number(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
	text(b, NFTA_CHAIN_TYPE, "filter");
	end(b, at);
}

/* `port` 0: the last rule, against all others. */
static void put_rule(struct batch *b, const char *name, const char *chain, uint16_t port)
{
	size_t at = table(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), list;
	const uint16_t in_packet = htons(port);

	text(b, NFTA_RULE_TABLE, name);
	text(b, NFTA_RULE_CHAIN, chain);
	list = nest(b, NFTA_RULE_EXPRESSIONS);
	is_tcp(b);
	if (port) {
		header(b, DPORT_AT, sizeof(in_packet));
		equals(b, &in_packet, sizeof(in_packet));
		accept_it(b);
	} else {
		is_first(b);
		reset_it(b);
	}
	end_nest(b, list);
	end(b, at);
}

static void put_ports(struct batch *b, const char *name, const char *chain, uint32_t hook, const struct numbers *ports)
{
	if (!ports)
		return;
	put_chain(b, name, chain, hook);
	for (size_t i = 0; i < ports->n; i++)
		put_rule(b, name, chain, (uint16_t)ports->v[i]);
	put_rule(b, name, chain, 0);
}

static void put_table(struct batch *b, uint16_t type, uint16_t flags, const char *name)
{
	size_t at = table(b, type, flags);

	text(b, NFTA_TABLE_NAME, name);
	end(b, at);
}

/* --- the transaction --- */

static int answer(const struct sys *k, int fd, uint32_t last)
{
	union { struct nlmsghdr h; char data[8192]; } u;

	for (;;) {
		int ready = sys_poll(k, fd, POLLIN, PATIENCE_MS);
		ssize_t n = ready > 0 ? sys_recv(k, fd, &u, sizeof(u), 0) : ready < 0 ? ready : -ETIMEDOUT;
		struct nlmsghdr *h = &u.h;

		if (n < 0)
			return (int)n;
		for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const struct nlmsgerr *bad = NLMSG_DATA(h);

			if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(bad->error)))
				continue;
			if (bad->error || h->nlmsg_seq == last)
				return bad->error;
		}
	}
}

static int commit(const struct sys *k, struct batch *b, uint32_t last)
{
	int fd, r;

	end(b, begin(b, NFNL_MSG_BATCH_END, 0, NFPROTO_UNSPEC));
	if (b->full)
		return -EMSGSIZE;
	fd = sys_socket(k, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (fd < 0)
		return fd;
	r = sys_send(k, fd, b->data, b->len);
	if (r >= 0)
		r = answer(k, fd, last);
	(void)!sys_close(k, fd);
	return r;
}

int ports_restrict(const struct sys *k, const char *name, const struct numbers *connect, const struct numbers *listen, struct err *e)
{
	_auto(free_mem) struct batch *b = calloc(1, sizeof(*b));
	int r = -ENOMEM;

	if (b) {
		end(b, begin(b, NFNL_MSG_BATCH_BEGIN, 0, NFPROTO_UNSPEC));
		put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, name);	/* so that there is one to be deleted */
		put_table(b, NFT_MSG_DELTABLE, 0, name);
		put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, name);
		put_ports(b, name, "connect", NF_INET_LOCAL_OUT, connect);
		put_ports(b, name, "listen", NF_INET_LOCAL_IN, listen);
		put_table(b, NFT_MSG_NEWTABLE, NLM_F_ACK, name);	/* the last word, for which there is an answer */
		r = commit(k, b, b->seq);
	}
	return r < 0 ? err_set(e, ERR_HOST, r, "the kernel needs nf_tables with the family inet and reject (CONFIG_NFT_REJECT_INET)",
			       "cannot hold the network namespace to its TCP ports") : 0;
}

int ports_release(const struct sys *k, const char *name, struct err *e)
{
	_auto(free_mem) struct batch *b = calloc(1, sizeof(*b));
	int r = -ENOMEM;

	if (b) {
		end(b, begin(b, NFNL_MSG_BATCH_BEGIN, 0, NFPROTO_UNSPEC));
		put_table(b, NFT_MSG_DELTABLE, NLM_F_ACK, name);
		r = commit(k, b, b->seq);
	}
	return r < 0 && r != -ENOENT ? err_set(e, ERR_HOST, r, NULL, "cannot take away the rules of the network namespace") : 0;
}
