"""
The report as one HTML file: no network, no inline handlers, readable without its script, on a phone and on paper.

Everything in the model may hold hostile text. Three layers keep it text: Jinja's autoescape, `visible` on every value
that is put in (so that nothing reorders or hides its surroundings), and a content security policy that runs only our
own script and style, by hash, and lets the page load nothing.
"""

import base64
import hashlib
import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from reports import words
from reports.model import Report
from reports.order_lines import CLOSES
from reports.safe import one_line, visible
from reports.templating import environment
from reports.view import View

_HERE = Path(__file__).parent
_STYLES = ("base.css", "first.css", "findings.css", "sections.css", "annexes.css", "print.css")
_ORDERS = ("orders.css", "due.css")
_SCRIPT = "report.js"
_FINDING_ID = re.compile(r"F-[A-Z2-7]{10}")
_CODE = re.compile(r"`([^`]+)`")


def render(report: Report) -> str:
    """Return the whole page; the same report gives the same bytes."""
    head = report.verification.head.split(" ")[:2] if report.verification else ["no ledger entry yet"]
    left = f"{report.practice_name} · {words.utc_text(report.at)}"
    return page(
        "report.html.j2",
        left,
        "Ledger head: " + " ".join(head),
        script=_SCRIPT,
        styles=_ORDERS,
        r=report,
        v=View(report),
    )


def page(name: str, left: str, foot: str, *, script: str = "", styles: tuple[str, ...] = (), **values: object) -> str:
    """
    Return a page from a template.

    `left` and `foot` stand on every printed sheet; `styles` are its own, and only `script` runs.
    """
    style = _assets(*_STYLES, *styles) + _page_margins(left, foot)
    code = _assets(script) if script else ""
    return (
        _environment()
        .get_template(name)
        .render(
            style=Markup(style),  # noqa: S704 -- our own files, and strings of escapes only
            script=Markup(code),  # noqa: S704 -- our own file
            policy=_content_security_policy(style, code),
            **values,
        )
    )


def _content_security_policy(style: str, script: str) -> str:
    scripts = f"'{_hash(script)}'" if script else "'none'"
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src {scripts}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache
def _assets(*names: str) -> str:
    return "\n".join((_HERE / "assets" / name).read_text(encoding="utf-8").strip() for name in names)


def _page_margins(left: str, foot: str) -> str:
    """Print whose page it is, and its foot, on every sheet."""
    return f"\n@page{{@top-left{{content:{_css_string(left)}}}@bottom-left{{content:{_css_string(foot)}}}}}"


def _css_string(text: str) -> str:
    """Quote text for a style sheet: everything but letters and digits by its number, so that nothing can end it."""
    body = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x} " for c in one_line(text))
    return f'"{body}"'


@lru_cache
def _environment() -> Environment:
    made = environment(_HERE / "templates")
    made.filters |= {
        "day": _day,
        "instant": _instant,
        "n": lambda number: f"{number:,}",
        "kind": words.plain_kind,
        "sentence": _sentence,
        "linked": _linked,
        "prose": _prose,
        "state": lambda verdict: words.VERDICT_STATES.get(verdict, "unknown"),
    }
    made.globals |= {
        "plural": words.plural,
        "instant_text": words.instant_text,
        "utc_text": words.utc_text,
        "retention": words.RETENTION,
        "claim": words.CLAIM,
        "addressable": words.ADDRESSABLE,
        "closes": CLOSES,
    }
    return made


def _day(day: date) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), words.day_text(day))


def _instant(at: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), words.utc_text(at))


def _sentence(text: str) -> str:
    """Begin with a capital, as a sentence or a heading does."""
    return text[:1].upper() + text[1:]


def _prose(text: str) -> Markup:
    """Show values in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 -- escaped before


def _linked(text: str, shown: frozenset[str]) -> Markup:
    """Turn the ids of findings that stand on this page into links to them."""
    link = Markup('<a class="id-link" href="#{0}">{0}</a>')
    out, at = Markup(), 0
    for match in _FINDING_ID.finditer(text):
        if match.group() in shown:
            out += escape(visible(text[at : match.start()])) + link.format(match.group())
            at = match.end()
    return out + escape(visible(text[at:]))
