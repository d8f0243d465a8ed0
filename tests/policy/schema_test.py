#!/usr/bin/env python3
"""schema_test.py CASEMATE CORPUS: the parser and the JSON Schema agree, and mistakes are told well.

good/*.json   both take it, and `casemate check` has no error to report.
bad/*.json    one mistake each. The lines of NAME.expect are pieces of the one error that
              `casemate check` prints; "(schema: blind)" says that no schema can see this one.

Beyond the corpus every leaf of every good policy is replaced by every value of a list of nasty
ones: what the parser takes the schema must take, and what the schema refuses the parser must refuse.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

BLIND = "(schema: blind)"

NASTY = [None, True, False, 0, 1, -1, 1.5, 1e3, 65536, 4294967295, 4294967296, 9223372036854775807, "", " ", "x", "X", "0", "01",
         "1 ", "+1", "/", "//", "/a/", "/a/../b", "/proc", "/dev/null", "a/b", "512M", "512m", "1G ", "10s", "10", "0777", "0999",
         "2777", "unlimited", "none", "host", "path", "default", "unconfined", "SIGTERM", "sigterm", "SIGRTMIN+3", "127.0.0.1",
         "300.1.1.1", "::1", "0-3", "net.core.somaxconn", "kernel.x", "CAP_CHOWN", "Cap_Chown", "a\u0001", "a\n", "a\u0085", "é",
         [], [1], [1, 1], ["x"], ["/x", "/x"], ["CHOWN"], [[]], {}, {"a": "b"}, {"LD_PRELOAD": "x"}, {"A": 1}, {"x": "y"},
         {"API_KEY": "hunter2"}, {"API_KEY_FILE": "/x"}, {"mode": "host"}, {"mode": "path"}, {"path": "/x"}, [{"path": "/dev/x"}],
         [{"target": "/x"}], [{"source": "/x", "target": "/x"}], [{"type": "tmpfs", "target": "/x"}],
         [{"type": "tmpfs", "target": "/x", "source": "/x"}], [{"source": "/x", "target": "/x", "size": 4096}]]


class Failures(list):
    def check(self, ok, *what):
        if not ok:
            self.append(" ".join(str(w) for w in what))


def check(casemate, files):
    """What `casemate check` finds, by file, as lines "FILE:LINE:COLUMN: SEVERITY: POINTER: MESSAGE (REMEDY)"."""
    run = subprocess.run([casemate, "check", "--format", "json", *map(str, files)], capture_output=True, text=True, timeout=300)
    if run.returncode not in (0, 1) or run.stderr:
        sys.exit(f"casemate check: exit {run.returncode}: {run.stderr}")
    lines = {}
    for judged in json.loads(run.stdout)["inputs"]:
        lines[judged["name"]] = [
            f"{judged['name']}:{f['place']['line']}:{f['place']['column']}: {f['severity']}: {f['pointer'] or '/'}: {f['message']}"
            f"{' (' + f['remedy'] + ')' if f['remedy'] else ''}" for f in judged["findings"]]
    return lines


def is_error(line):
    return line.split(": ", 2)[1] == "error"


def good(casemate, schema, folder, failures):
    files = sorted((folder / "good").glob("*.json"))
    failures.check(len(files) >= 10, "the corpus of good policies is gone")
    lines = check(casemate, files)
    for file in files:
        for error in schema.iter_errors(json.loads(file.read_text())):
            failures.check(False, f"{file.name}: the schema refuses it:", error.json_path, error.message[:200])
        for line in lines[str(file)]:
            failures.check(not is_error(line), line)
    return files


def bad(casemate, schema, folder, failures):
    files = sorted((folder / "bad").glob("*.json"))
    failures.check(len(files) >= 60, "the corpus of bad policies is gone")
    lines = check(casemate, files)
    for file in files:
        errors = [line for line in lines[str(file)] if is_error(line)]
        failures.check(len(errors) == 1, f"{file.name}: {len(errors)} errors:", *errors)
        expect = file.with_suffix(".expect").read_text().splitlines()
        blind = BLIND in expect
        failures.check(len(expect) > blind, f"{file.name}: nothing is expected")
        for piece in expect:
            failures.check(piece == BLIND or any(piece in line for line in errors), f"{file.name}: wanted {piece!r}, got", *errors)
        try:
            policy = json.loads(file.read_bytes())
        except ValueError:
            continue
        failures.check(schema.is_valid(policy) == blind, f"{file.name}: the schema {'sees' if blind else 'misses'} it")


def commands(casemate, folder, failures):
    """Exit codes of check, and --set of explain."""
    fine, wrong, missing = folder / "good/least.json", folder / "bad/uid-0.json", folder / "no-such-file.json"
    for files, code in [([fine], 0), ([folder / "good/weakened.json"], 0), ([wrong], 1), ([missing], 2), ([], 2), (["--nonsense"], 2),
                        ([fine, wrong, fine], 1), ([missing, wrong], 2)]:
        run = subprocess.run([casemate, "check", *map(str, files)], capture_output=True, text=True)
        failures.check(run.returncode == code, f"check {files}: exit {run.returncode}, not {code}")
        failures.check((run.stderr != "") == (code == 2), f"check {files}: stderr {run.stderr!r}")
    for setting, code, piece in [("limits.pids=7", 0, "limits.pids               7                     set "),
                                 ("limits.pids=x", 125, "--set limits.pids: want an integer"),
                                 ("limits.pid=7", 125, 'did you mean "pids"?'), ("limits.pids", 125, "KEY=VALUE")]:
        run = subprocess.run([casemate, "explain", "--set", setting, str(fine)], capture_output=True, text=True)
        failures.check(run.returncode == code and piece in run.stdout + run.stderr, f"explain --set {setting}:", run)


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], path + (key,))
    yield path


def replaced(policy, path, value):
    if not path:
        return value
    policy = copy.deepcopy(policy)
    at = policy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return policy


def mutations(casemate, schema, files, failures, scratch):
    mutants = {}
    seen = {("seccomp", "profile")}    # an inline profile is judged elsewhere
    for file in files:
        policy = json.loads(file.read_text())
        for path in leaves(policy):
            if path[:2] not in seen:
                seen.add(path)    # once is enough
                for value in NASTY:
                    mutants[scratch / f"m{len(mutants)}.json"] = replaced(policy, path, value)
    for file, policy in mutants.items():
        file.write_text(json.dumps(policy))
    names = list(mutants)
    taken = 0
    for start in range(0, len(names), 500):
        for file, lines in check(casemate, names[start:start + 500]).items():
            policy = mutants[pathlib.Path(file)]
            parsed = not any(map(is_error, lines))
            taken += parsed
            if parsed and not schema.is_valid(policy):
                error = jsonschema.exceptions.best_match(schema.iter_errors(policy))
                failures.check(False, "the parser takes what the schema refuses:", error.json_path, error.message[:200])
    failures.check(taken > len(mutants) / 50, "nearly every mutant was refused: they test nothing")
    return len(mutants), taken


def floors(casemate, folder, failures, scratch):
    """The same for floors: good ones, and each of their leaves replaced. One that is no floor ends with 2."""
    text = json.loads(subprocess.run([casemate, "schema", "--floor"], capture_output=True, check=True, text=True).stdout)
    jsonschema.Draft202012Validator.check_schema(text)
    closed(text, "#", failures)
    schema = jsonschema.Draft202012Validator(text)
    files = sorted((folder / "floor").glob("*.json")) + sorted((folder.parent.parent / "profiles/floors").glob("*.json"))
    failures.check(len(files) >= 5, "the corpus of floors is gone")
    taken = 0
    for file in files:
        for error in schema.iter_errors(json.loads(file.read_text())):
            failures.check(False, f"{file.name}: the schema refuses it:", error.json_path, error.message[:200])
    every = json.loads((folder / "floor/every-key.json").read_text())
    paths = list(leaves(every))
    for i, path in enumerate(paths):
        for value in NASTY[i % 7::7]:   # a process each: every value meets some leaves
            mutant = replaced(every, path, value)
            (scratch / "floor.json").write_text(json.dumps(mutant))
            run = subprocess.run([casemate, "check", "--floor", scratch / "floor.json", folder / "good/least.json"], capture_output=True)
            taken += run.returncode != 2
            if run.returncode != 2 and not schema.is_valid(mutant):
                failures.check(False, "the parser takes a floor that the schema refuses:", path, value)
    failures.check(taken > len(paths) / 10, "nearly every mutant was refused: they test nothing")


def main():
    casemate, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    text = json.loads(subprocess.run([casemate, "schema"], capture_output=True, check=True, text=True).stdout)
    jsonschema.Draft202012Validator.check_schema(text)
    schema = jsonschema.Draft202012Validator(text)
    failures = Failures()
    closed(text, "#", failures)
    with tempfile.TemporaryDirectory() as scratch:
        commands(casemate, folder, failures)
        files = good(casemate, schema, folder, failures)
        bad(casemate, schema, folder, failures)
        floors(casemate, folder, failures, pathlib.Path(scratch))
        count, taken = mutations(casemate, schema, files, failures, pathlib.Path(scratch))
    print(f"{len(files)} good policies, {count} mutants, {taken} of them taken")
    for failure in failures[:50]:
        print("FAIL", failure)
    return 1 if failures else 0


def closed(node, where, failures):
    """No object of the schema lets unknown keys through."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            closed(item, f"{where}/{i}", failures)
    elif isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            failures.check(node.get("additionalProperties") is False, where, "is open")
        for key, item in node.items():
            closed(item, f"{where}/{key}", failures)


if __name__ == "__main__":
    sys.exit(main())
