#!/usr/bin/env python3
"""Writes the manual pages of a dorsal program, one for each command, from what it says of itself.

usage: dorsal --experimental-dump-help | Scripts/manual.py VERSION SECONDS FOLDER

SECONDS since the epoch is the date that stands on the pages. The pages are in mdoc, for man and mandoc alike.
"""
import json
import re
import sys
import textwrap
import time
from pathlib import Path

FILES = """\
.Sh FILES
.Bl -tag -width Ds -compact
.It Pa ./dorsal.yaml , Pa /etc/dorsal/dorsal.yaml
The configuration, where
.Fl -config
and
.Ev DORSAL_CONFIG
name no other.
.El
"""


def escaped(text):
    """Text that mdoc takes for nothing but text."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    # A line that begins with a dot or a quote would be a request.
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def paragraphs(text):
    """Running text: an empty line or a line end makes a paragraph, a sentence begins on a line of its own."""
    found = []
    for paragraph in (line.strip() for line in text.split("\n")):
        sentences = re.split(r"(?<=[.:;!?]) (?=[A-Z])", paragraph)
        lines = [textwrap.fill(each, 76, break_long_words=False, break_on_hyphens=False) for each in sentences]
        if paragraph:
            found.append(escaped("\n".join(lines)))
    return found


def sentence(text):
    """A summary as a part of a line: without a capital at its beginning and a full stop at its end."""
    text = text.rstrip(".")
    if not text[1:2].isupper():
        text = text[:1].lower() + text[1:]
    return escaped(text)


def flags(argument):
    """An argument's names, short ones first, as mdoc writes them."""
    names = sorted(argument.get("names", []), key=lambda name: name["kind"] == "long")
    # swift-argument-parser knows single-dash long names too; its `help -help` is no news to anybody.
    return [
        "Fl " + ("\\-" if name["kind"] == "long" else "") + escaped(name["name"])
        for name in names
        if name["kind"] != "longWithSingleDash"
    ]


def value(argument):
    return "Ar " + escaped(argument.get("valueName", "value"))


def synopsis(argument):
    if argument["kind"] == "positional":
        macro = value(argument)
    else:
        macro = flags(argument)[-1]
        if argument["kind"] == "option":
            macro += " " + value(argument)
    if argument.get("isRepeating"):
        macro += " ..."
    return f".Op {macro}" if argument.get("isOptional") else f".{macro}"


def item(argument):
    if argument["kind"] == "positional":
        head = value(argument)
    else:
        head = " , ".join(flags(argument))
        if argument["kind"] == "option":
            head += " " + value(argument)
    lines = [f".It {head}"]
    for text in (argument.get("abstract"), argument.get("discussion")):
        lines += paragraphs(text or "")
    if argument.get("allValues"):
        lines.append("One of: " + ", ".join(escaped(word) for word in argument["allValues"]) + ".")
    if argument.get("defaultValue"):
        lines.append(f"Default: {escaped(argument['defaultValue'])}.")
    return "\n".join(lines)


def shown(things):
    return [thing for thing in things if thing.get("shouldDisplay", True)]


def page(command, path, version, date, others):
    """The page of one command: `path` is its words, `others` the names of pages to see also."""
    name, words = "-".join(path), " ".join(path)
    prose, examples = [], []
    for line in command.get("discussion", "").split("\n"):
        (examples if line.startswith("Example: ") else prose).append(line)
    arguments = shown(command.get("arguments", []))
    subcommands = [sub for sub in shown(command.get("subcommands", [])) if sub["commandName"] != "help"]

    out = [f".Dd {date}", f".Dt {name.upper()} 1", f".Os Dorsal {escaped(version)}"]
    out += [".Sh NAME", f".Nm {name}", f".Nd {sentence(command.get('abstract', words))}"]
    out += [".Sh SYNOPSIS", f'.Nm "{words}"']
    out += [synopsis(argument) for argument in arguments]
    if subcommands:
        out += [".Ar command", ".Op Ar arguments"]
    body = paragraphs("\n".join([command.get("abstract", "")] + prose))
    out += [".Sh DESCRIPTION", "\n.Pp\n".join(body)]
    if arguments:
        out += [".Pp", "The options are:", ".Bl -tag -width Ds"] + [item(each) for each in arguments] + [".El"]
    if subcommands:
        out += [".Pp", "The commands are:", ".Bl -tag -width Ds"]
        for sub in subcommands:
            out += [f".It Xr {'-'.join(path + [sub['commandName']])} 1", *paragraphs(sub.get("abstract", ""))]
        out += [".El"]
    if any(each.get("valueName") == "config" for each in arguments):
        out += [FILES.rstrip()]
    if len(path) > 1:
        out += [".Sh EXIT STATUS", "As", f".Xr {path[0]} 1", "says."]
    if examples:
        out += [".Sh EXAMPLES"]
        out += [".Dl " + escaped(line.removeprefix("Example: ")) for line in examples]
    others = sorted(other for other in others if other != name)
    if others:
        out += [".Sh SEE ALSO"]
        out += [f".Xr {other} 1" + (" ," if other != others[-1] else "") for other in others]
    return name, "\n".join(out) + "\n"


def walk(command, path):
    """All commands below one, each with the words that lead to it; `help` needs no page."""
    path = path + [command["commandName"]]
    yield command, path
    for sub in shown(command.get("subcommands", [])):
        if sub["commandName"] != "help":
            yield from walk(sub, path)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    version, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    # Not strftime's names of months: mdoc wants English ones, whatever the language here.
    months = "January February March April May June July August September October November December".split()
    day = time.gmtime(seconds)
    date = f"{months[day.tm_mon - 1]} {day.tm_mday}, {day.tm_year}"
    commands = list(walk(json.load(sys.stdin)["command"], []))
    names = ["-".join(path) for _, path in commands]
    folder.mkdir(parents=True, exist_ok=True)
    for command, path in commands:
        name, text = page(command, path, version, date, names)
        (folder / f"{name}.1").write_text(text, encoding="utf-8")


main()
