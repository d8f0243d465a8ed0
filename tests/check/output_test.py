#!/usr/bin/env python3
"""output_test.py CASEMATE FOLDER: what `casemate check` prints, in every format, and how it ends.

cases/NAME.json with cases/NAME.text: the findings of that policy as people see them (write them anew with UPDATE=1, and
read the difference). The same inputs must give valid SARIF, and JSON that says the same.
"""
import collections
import json
import os
import pathlib
import pty
import re
import shlex
import subprocess
import sys
import tempfile

import jsonschema

FAILURES = []


def expect(condition, *what):
    if not condition:
        FAILURES.append(" ".join(str(w) for w in what))


class Check:
    def __init__(self, casemate, folder):
        self.casemate, self.folder = casemate, folder

    def __call__(self, *args, env=None, stdin=None):
        return subprocess.run([self.casemate, "check", *map(str, args)], capture_output=True, text=True, cwd=self.folder, timeout=60,
                              input=stdin, env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **(env or {})})


def arguments(check, case):
    """A case's arguments: its file, or the words of a docker run line."""
    return ["--", *shlex.split((check.folder / case).read_text())] if case.endswith(".line") else [case]


def foreign(check, case):
    return not case.endswith(".json") or "ociVersion" in (check.folder / case).read_text()


def golden(check, cases):
    for case in cases:
        done = check(*arguments(check, case))
        file = (check.folder / case).with_suffix(".text")
        if foreign(check, case):    # the words are the doors', which have tests of their own
            expect(done.returncode in (0, 1) and done.stdout.count("[source.") > 3, case, done.stdout)
        elif os.environ.get("UPDATE"):
            file.write_text(done.stdout)
        else:
            expect(file.exists() and done.stdout == file.read_text(), f"{case}: not as in {file.name}:\n{done.stdout}")
        for line in done.stdout.splitlines():
            expect(len(line) <= 80 or len(line.split()) == 1, f"{case}: wider than 80:", line)
        expect(done.stderr == "", case, done.stderr)


def formats(check, cases):
    """JSON and SARIF say what the text says."""
    schema = jsonschema.Draft202012Validator(json.loads((check.folder / "sarif.schema.json").read_text()))
    files = [case for case in cases if case.endswith(".json")]
    for args in [arguments(check, case) for case in cases] + [files]:
        plain = json.loads(check("--format", "json", *args).stdout)
        sarif = json.loads(check("--format", "sarif", *args).stdout)
        for error in schema.iter_errors(sarif):
            expect(False, args, "SARIF:", error.json_path, error.message[:300])
        expect(set(plain) == {"format", "casemate", "inputs", "summary"} and plain["format"] == 1, plain.keys())
        names = list(dict.fromkeys(i["name"] for i in plain["inputs"]))    # services of one file are inputs of their own
        expect(names == (["docker run"] if args[0] == "--" else args), "inputs", plain)
        found = [f for i in plain["inputs"] for f in i["findings"]]
        for finding in found:
            expect(set(finding) == {"rule", "severity", "pointer", "place", "message", "remedy"}, finding)
        counts = collections.Counter(f["severity"] + "s" for f in found)
        expect(plain["summary"] == {k: counts[k] for k in ("errors", "warnings", "notes")}, plain["summary"], counts)
        run = sarif["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        for result, finding in zip(run["results"], found, strict=True):
            location = result["locations"][0]
            expect(rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding["rule"], "ruleIndex", result)
            expect(result["level"] == finding["severity"], result, finding)
            if args[0] == "--":     # a command line is no file: the option is shown
                expect("physicalLocation" not in location and set(finding["place"]) == {"option", "line", "column"}, location, finding)
                expect(location["logicalLocations"][0]["name"] == (finding["place"]["option"] or "docker run"), location, finding)
            else:
                region, place = location["physicalLocation"]["region"], finding["place"]
                expect((region["startLine"], region["startColumn"]) == (place["line"] or 1, place["column"] or 1), region, finding)
            expect(finding["message"] in result["message"]["text"] and finding["remedy"] in result["message"]["text"], result)
        prints = [json.dumps(r["partialFingerprints"]) for r in run["results"]]
        expect(len(set(prints)) == len(prints), "fingerprints are not unique", args)
        expect(run["invocations"][0]["executionSuccessful"], args)


def fingerprints_survive(check):
    """Lines that come and go above a finding change its line, and not its fingerprint."""
    text = (check.folder / "cases/weak.json").read_text()
    with tempfile.TemporaryDirectory() as scratch:
        runs = []
        for text in text, "\n\n" + text:
            pathlib.Path(scratch, "p.json").write_text(text)
            done = subprocess.run([check.casemate, "check", "--format", "sarif", "p.json"], capture_output=True, text=True, cwd=scratch)
            runs.append(json.loads(done.stdout)["runs"][0]["results"])
    for before, after in zip(*runs, strict=True):
        expect(before["partialFingerprints"] == after["partialFingerprints"], before)
        expect(after["locations"][0]["physicalLocation"]["region"]["startLine"] ==
               before["locations"][0]["physicalLocation"]["region"]["startLine"] + 2, after)


def exit_codes(check):
    weak, wrong, fine, gone = "cases/weak.json", "cases/wrong.json", "cases/fine.json", "cases/none-such.json"
    for args, code in [([fine], 0), ([weak], 0), ([wrong], 1), (["--strict", fine], 0), (["--strict", weak], 1), ([gone], 2), ([], 2),
                       ([fine, wrong, fine], 1), ([gone, wrong], 2), (["--format", "xml", fine], 2), (["--color", "red", fine], 2),
                       (["--explain", "mount.root"], 0), (["--explain", "no.such"], 2), (["--rules"], 0), (["--help"], 0),
                       (["--nonsense"], 2)]:
        for extra in [], ["--format", "json"], ["--format", "sarif"]:
            done = check(*extra, *args)
            expect(done.returncode == code, extra, args, "exit", done.returncode, done.stdout[-300:], done.stderr)
    failed = json.loads(check("--format", "sarif", gone, fine).stdout)["runs"][0]["invocations"][0]
    expect(not failed["executionSuccessful"] and "none-such" in json.dumps(failed), failed)
    expect("unusable" in json.loads(check("--format", "json", gone).stdout)["inputs"][0], "unusable")
    done = check("-", stdin=(check.folder / wrong).read_text())
    expect(done.returncode == 1 and done.stdout.startswith("-:"), done.stdout)


def on_terminal(check, args, env):
    """What the command writes when its output is a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen([check.casemate, "check", *args], stdout=slave, stderr=slave, cwd=check.folder,
                          env={"PATH": "/usr/bin", "TERM": "xterm", **env}) as process:
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:
            pass    # EIO: the other side is closed
        process.wait()
    os.close(master)
    return text.decode()


def colour(check):
    weak = "cases/weak.json"
    always = check("--color", "always", weak).stdout
    expect("\033[" in always, "no colour with always")
    expect(re.sub(r"\033\[[0-9;]*m", "", always) == check(weak).stdout, "colour changes the text")
    expect("\033" not in check(weak).stdout, "colour in a pipe")
    for args, env, wanted in [([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True), ([], {"TERM": "dumb"}, False),
                              (["--color", "never"], {}, False), (["--color", "always"], {"NO_COLOR": "1"}, True)]:
        expect(("\033[" in on_terminal(check, [*args, weak], env)) == wanted, "colour on a terminal:", args, env)


def hostile_names(check):
    """A file's name must not drive the terminal, nor break the formats for programs."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in b"a\033[31m.json", b"a\xc2\x9bm.json", b"a\x9b31m.json", b"a\xff b%.json", b"a:b\".json":
            path = os.path.join(os.fsencode(scratch), name)
            with open(path, "w") as file:
                file.write((check.folder / "cases/weak.json").read_text())
            for form in "text", "json", "sarif":
                done = subprocess.run([check.casemate, "check", "--format", form, name], capture_output=True, cwd=scratch)
                expect(done.returncode == 0 and b"\033" not in done.stdout and b"\x9b" not in done.stdout, name, form, done)
                if form != "text":
                    json.loads(done.stdout)


def listing(check):
    """Every rule is listed and explained; nothing is wider than a terminal."""
    rules = check("--rules").stdout
    driver = json.loads(check("--format", "sarif", "cases/fine.json").stdout)["runs"][0]["tool"]["driver"]
    expect(len(driver["rules"]) > 80, "rules", len(driver["rules"]))
    for rule in driver["rules"]:
        expect(re.search("^" + re.escape(rule["id"]) + " ", rules, re.M), "not listed:", rule["id"])
        text = check("--explain", rule["id"]).stdout
        expect(text.startswith(rule["id"]) and "why" in text, text)
        rules += text
    for line in rules.splitlines():
        expect(len(line) <= 80, "wide:", line)
    known, reported = {rule["id"] for rule in driver["rules"]}, set()
    for file in (check.folder.parent.parent / "src").rglob("*.c"):
        reported |= set(re.findall(r'\breport\(\w+, "([a-z_.]+)"', file.read_text()))
    expect(len(reported) > 10 and reported - known <= {"export.lost"}, "reported without a row:", reported - known)
    for item in ["CIS 5.%d" % n for n in range(1, 33)] + ["PSS restricted: Capabilities"]:
        expect(item + ":" in rules, "missing:", item)


def docker_lines(check):
    """What a line asks for, or leaves open, is found: option by option, with the rule that says why."""
    good = ("docker run --user 1000:1000 --read-only --cap-drop=ALL --security-opt=no-new-privileges --memory 512m --memory-swap 512m "
            "--cpus 1 --pids-limit 50 --network none %s img@sha256:" + "0" * 64 + " /bin/x")
    for more, rule in [("--privileged", "source.privileged"), ("--pid host", "source.namespaces"), ("--ipc host", None),
                       ("-v /:/host", "mount.root"), ("-v /var/run/docker.sock:/s", "mount.manager"), ("-v /run:/r", "mount.manager"),
                       ("-v /proc:/p", "mount.kernel"), ("-v /etc:/e", "mount.system"), ("-v /etc:/e:ro", "mount.credentials"),
                       ("--device /dev/mem", "device.memory"), ("--network host", "network.host"),
                       ("--security-opt seccomp=unconfined", "source.seccomp"), ("--security-opt apparmor=unconfined", "source.apparmor"),
                       ("--security-opt systempaths=unconfined", "source.masks"), ("--user 0", "source.root"), ("--userns host", "source.namespaces"),
                       ("--oom-kill-disable", None), ("--sysctl kernel.core_pattern=x", "source.refused")]:
        done = check("--format", "json", "--", *shlex.split(good % more))
        found = [f for f in json.loads(done.stdout)["inputs"][0]["findings"]]
        option = shlex.split(more)[0]
        named = [f for f in found if f["place"]["option"].startswith(option.split("=")[0])]
        expect(named if rule is None else any(f["rule"] == rule for f in found), more, "wanted", rule, [(f["rule"], f["place"]) for f in found])
    quiet = {f["rule"] for f in json.loads(check("--format", "json", "--", *shlex.split(good % "")).stdout)["inputs"][0]["findings"]}
    expect(quiet <= {"source.always", "source.no_effect", "source.missing"}, "a good line", quiet)
    for less, rule in [("--user 1000:1000", "source.root"), ("--read-only", "source.writable_root"), ("--cap-drop=ALL", "source.capabilities"),
                       ("--security-opt=no-new-privileges", "source.new_privs"), ("--memory 512m --memory-swap 512m", "source.limits"),
                       ("--pids-limit 50", "source.limits"), ("@sha256:" + "0" * 64, "source.latest")]:
        line = good % ""
        expect(less in line, "the line is another", less)
        found = json.loads(check("--format", "json", "--", *shlex.split(line.replace(less, ""))).stdout)["inputs"][0]["findings"]
        expect(any(f["rule"] == rule for f in found), "without", less, "wanted", rule, [f["rule"] for f in found])
    for line, rule in [("--cap-add SYS_ADMIN", "caps.sys_admin"), ("--cap-add NET_ADMIN --network host", "caps.host_network")]:
        found = json.loads(check("--format", "json", "--", "docker", "run", *line.split(), "img:1", "/x").stdout)["inputs"][0]["findings"]
        expect(rule in [f["rule"] for f in found], line, "wanted", rule, [f["rule"] for f in found])
    tagged = json.loads(check("--format", "json", "--", "docker", "run", "img:1.2", "/x").stdout)["inputs"][0]["findings"]
    expect("source.tag" in [f["rule"] for f in tagged], tagged)


def compose(check):
    """Each service is an input of its own, and its findings are on its lines."""
    inputs = json.loads(check("--format", "json", "cases/compose.yaml").stdout)["inputs"]
    expect([(i["kind"], i["service"]) for i in inputs] == [("compose", "web"), ("compose", "agent"), ("compose", "db")], inputs)
    found = {i["service"]: {f["rule"]: f["place"]["line"] for f in i["findings"]} for i in inputs}
    for service, rule, line in [("web", "source.latest", 3), ("agent", "source.privileged", 9), ("agent", "source.namespaces", 10),
                                ("agent", "mount.manager", 12), ("agent", "source.tag", 8), ("db", "user.system", 16)]:
        expect(found[service].get(rule) == line, service, rule, "wanted on line", line, found[service])
    for rule in "source.latest", "source.tag", "source.root", "source.limits", "source.capabilities":
        expect(rule not in found["db"], "a good service:", rule, found["db"])
    for text, code in [("services:\n  a: [\n", 1), ("hello\n", 1), ("services: {}\n", 1), ("services:\n  a: {image: x@sha256:00, command: [y]}\n", 0)]:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            done = check(file.name)
            expect(done.returncode == code, repr(text), "exit", done.returncode, done.stdout, done.stderr)


def main():
    check = Check(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]))
    cases = sorted("cases/" + file.name for file in (check.folder / "cases").iterdir() if file.suffix in (".json", ".line", ".yaml"))
    expect(len(cases) >= 8, "the cases are gone")
    golden(check, cases)
    formats(check, cases)
    fingerprints_survive(check)
    exit_codes(check)
    colour(check)
    hostile_names(check)
    listing(check)
    docker_lines(check)
    compose(check)
    for failure in FAILURES[:50]:
        print("FAIL", failure)
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
