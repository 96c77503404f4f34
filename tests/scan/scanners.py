"""wapiti and sqlmap, told every request that there is; both say what they found."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from asked import Asked, texts

TOOLS = Path(os.environ.get("DOSSIER_SCANNERS", ""))
RUN_SECONDS = 1_500
AT_ONCE = 2
# How far sqlmap goes, 1 to 5.
LEVEL = os.environ.get("DOSSIER_SCAN_LEVEL", "2")
MODULE_SECONDS = 120
# Without those that need a service outside (wapp, cms, ssrf, log4shell …) or look for files of other programs by the thousand,
# and without two whose findings say nothing here: csrf wants a hidden field in every form, but the one form there is
# (`/oauth/token`) goes by no cookie; ldap takes answers for equal that are so because a search by name passes over signs.
MODULES = "backup,cookieflags,crlf,csp,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql"
MODULES += ",timesql,upload,xss,xxe"
TEXT = {"type": "string"}


class Failed(Exception):
    """A scanner did not do its work; the text has what it said."""


def called(command: list[object], log: Path) -> None:
    """A tool with a home of its own, and nothing of this machine's settings."""
    home = log.parent
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "NO_COLOR": "1", "LANG": "C.UTF-8"}
    with log.open("wb") as out:
        how = {"cwd": home, "env": environment, "stdin": subprocess.DEVNULL, "timeout": RUN_SECONDS}
        done = subprocess.run([str(word) for word in command], stdout=out, stderr=out, **how)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: exit status {done.returncode}\n{log.read_text(errors='replace')[-2_000:]}")


# --- wapiti ----------------------------------------------------------------------------------------------------------


def wapiti(base: str, asked: Iterable[Asked], folder: Path, modules: str = MODULES) -> list[str]:
    """What it found. It attacks GET and POST alone; one run for each who asks."""
    taken = [request for request in asked if request.method in ("GET", "POST") and request.data is None]
    works = [(base, *group, folder / f"wapiti-{at}", modules) for at, group in enumerate(by_headers(taken))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [one for found in pool.map(lambda work: wapiti_once(*work), works) for one in found]


def wapiti_once(base: str, headers: tuple, asked: list[Asked], place: Path, modules: str) -> list[str]:
    place.mkdir()
    document, report = place / "document.json", place / "report.json"
    document.write_text(json.dumps(described(base, asked)), encoding="utf-8")
    command: list[object] = [TOOLS / "wapiti", "-u", f"{base}/", "--swagger", document, "-m", modules, "-l", 2]
    command += ["-f", "json", "-o", report, "--no-bugreport", "--flush-session", "-v", 1, "-S", "insane"]
    command += ["--max-attack-time", MODULE_SECONDS, "--store-session", place, "--store-config", place]
    for name, text in headers:
        command += ["-H", f"{name}: {text}"]
    called([*command, "--drop-set-cookie"], place / "log")
    said = json.loads(report.read_text(encoding="utf-8"))
    if said["infos"]["crawled_pages_nbr"] < len(asked):
        raise Failed(f"wapiti asked for {said['infos']['crawled_pages_nbr']} of {len(asked)}: see {place}")
    return findings(said)


def by_headers(asked: list[Asked]) -> list[tuple[tuple, list[Asked]]]:
    """Requests of one caller together."""
    ordered = sorted(asked, key=lambda request: sorted(request.caller.headers().items()))
    groups = groupby(ordered, key=lambda request: tuple(sorted(request.caller.headers().items())))
    return [(headers, list(requests)) for headers, requests in groups]


def described(base: str, asked: list[Asked]) -> dict:
    """The requests as a document (OpenAPI 3) in which every value is the one that is meant."""
    paths: dict[str, dict] = {}
    for request in asked:
        parameters = [
            {"name": name, "in": "query", "schema": TEXT | {"default": value}} for name, value in request.query.items()
        ]
        said: dict = {"parameters": parameters, "responses": {"200": {"description": "-"}}}
        body, kind = (request.form, "application/x-www-form-urlencoded") if request.form else (request.body, "application/json")
        if body is not None:
            said["requestBody"] = {"content": {kind: {"schema": schema(body)}}}
        paths.setdefault(request.path.format(*request.ids), {})[request.method.lower()] = said
    info = {"title": "requests", "version": "1"}
    return {"openapi": "3.0.0", "info": info, "servers": [{"url": base}], "paths": paths}


def schema(value: object) -> dict:
    if isinstance(value, dict):
        there = {name: inner for name, inner in value.items() if inner is not None}
        return {"type": "object", "properties": {name: schema(inner) for name, inner in there.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": schema(value[0])}
    names = {bool: "boolean", int: "integer", str: "string"}
    return {"type": names[type(value)], "default": value}


def findings(report: dict) -> list[str]:
    parts = ("vulnerabilities", "anomalies")
    return [
        f"wapiti: {name}: {one['method']} {one['path']} {one['parameter']}: {one['info']}"
        for part in parts
        for name, ones in report[part].items()
        for one in ones
    ]


# --- sqlmap ----------------------------------------------------------------------------------------------------------


def sqlmap(base: str, asked: Iterable[Asked], folder: Path, dbms: str) -> list[str]:
    """What it found, in every place of every request that may hold a text."""
    marked = [request for request in asked if "*" in raw(base, request).split("\n\n")[0] + body(request)]
    # It takes a parameter of the same name at the same address for the same one, whatever the method.
    groups = groupby(sorted(marked, key=lambda one: one.method), key=lambda one: one.method)
    works = [(base, method, list(requests), folder, dbms) for method, requests in groups]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [one for found in pool.map(lambda work: sqlmap_once(*work), works) for one in found]


def sqlmap_once(base: str, name: str, asked: list[Asked], folder: Path, dbms: str) -> list[str]:
    place = folder / f"sqlmap-{name}"
    place.mkdir()
    file, results, log = place / "requests", place / "results.csv", place / "log"
    line = "=" * 54
    file.write_text("".join(f"{line}\n{line}\n{raw(base, request)}\n{line}\n\n" for request in asked), encoding="utf-8")
    command: list[object] = [TOOLS / "sqlmap", "-l", file, "--batch", "--disable-coloring", "--dbms", dbms]
    command += ["--results-file", results, "--output-dir", place / "out", "--ignore-code=*"]
    command += ["--answers", "skip further tests=N", "--level", LEVEL, "--risk", 2]
    called(command, log)
    said = log.read_text(encoding="utf-8", errors="replace")
    tested = said.count("skipping to the next target") + said.count("do you want to exploit this")
    if tested != len(asked):
        raise Failed(f"sqlmap tested {tested} of {len(asked)} requests ({name}): see {log}\n{said[-2_000:]}")
    with results.open(encoding="utf-8", newline="") as rows:
        found = [row for row in csv.DictReader(rows) if row["Technique(s)"]]
    # Answers differ each time (ids, times, versions). What looks like an injection for that, sqlmap tries again and takes back.
    return [f"sqlmap: {name} {' '.join(row.values())}" for row in found if "false positive" not in row["Note(s)"]]


def raw(base: str, request: Asked) -> str:
    """The request as it goes over the wire, with `*` after everything that sqlmap shall change."""
    path = request.path.format(*(f"{name}*" for name in request.ids))
    query = "&".join(f"{urlencode({name: value})}*" for name, value in request.query.items())
    headers = {"Host": base.split("://")[1]} | request.caller.headers()
    headers |= {name: value if name in ("If-Match", "Content-Type") else f"{value}*" for name, value in request.headers.items()}
    if request.operation in ("GET /v1/teams", "GET /v1/session"):
        headers = {name: value if name == "Host" else f"{value}*" for name, value in headers.items()}
        headers |= dict.fromkeys(("User-Agent", "Accept-Language", "X-Forwarded-For", "Origin", "Referer"), "example*")
    if text := body(request):
        kind = "application/x-www-form-urlencoded" if request.form else "application/json"
        headers = {"Content-Type": kind} | headers
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    return f"{request.method} {path}{'?' + query if query else ''} HTTP/1.1\n{lines}\n\n{text}"


def body(request: Asked) -> str:
    if request.form:
        return "&".join(f"{urlencode({name: value})}*" for name, value in request.form.items())
    if request.data:
        return request.data.decode()
    if request.body is None:
        return ""
    said = json.loads(json.dumps(request.body))
    # Where the key of the command is what is changed, the command stays.
    for at in texts(request.body) if "Idempotency-Key" not in request.headers else ():
        inner = said
        for step in at[:-1]:
            inner = inner[step]
        inner[at[-1]] += "*"
    return json.dumps(said, ensure_ascii=False)
