"""Writes golden/*.txt: what Python's jinja2, set up as transformers sets it
up, makes of templates/*.jinja and conversations.json.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install jinja2==3.1.6
    /tmp/v/bin/python golden.py [--check]

With --check nothing is written; the status is 1 if a file would change.
"""
import datetime
import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

here = pathlib.Path(__file__).parent
now = datetime.datetime(2026, 3, 5, 14, 7, 9)


def raise_exception(message):
    raise TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = lambda f: now.strftime(f)

conversations = json.loads((here / "conversations.json").read_text(encoding="utf-8"))
changed = []
wanted = set()
for path in sorted((here / "templates").glob("*.jinja")):
    template = env.from_string(path.read_bytes().decode("utf-8"))
    for name, messages in conversations.items():
        try:
            out = template.render(messages=messages, tools=None, documents=None, add_generation_prompt=True,
                                  bos_token="<s>", eos_token="</s>")
        except TemplateError as e:
            out = "RAISED: " + str(e)
        target = here / "golden" / f"{path.stem}.{name}.txt"
        wanted.add(target)
        data = out.encode("utf-8")
        if not target.exists() or target.read_bytes() != data:
            changed.append(target.name)
            if "--check" not in sys.argv:
                target.write_bytes(data)
for stale in set((here / "golden").glob("*.txt")) - wanted:
    changed.append(stale.name)
    if "--check" not in sys.argv:
        stale.unlink()
print(f"{len(wanted)} files, {len(changed)} changed", *changed, sep="\n")
sys.exit("--check" in sys.argv and bool(changed))
