"""The bank's pages: plain HTML that needs no script."""

import re
from decimal import Decimal
from html import escape
from pathlib import Path

from babel.numbers import format_currency, get_currency_precision

from orders.payments.test_bank.bank.books import OPEN, Session
from orders.payments.test_bank.bank.words import words_in

STYLE = (Path(__file__).parent / "style.css").read_bytes()
_MARK = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M3 21h18M5 21V10m4.7 11V10m4.6 11V10M19 21V10M3 10h18L12 3z"/></svg>'
)
_NOTICES = ("once", "twice", "reverse", "late", "none")
_SUMS = ("right", "less", "other")


def session_page(session: Session, said: str = "") -> str:
    """The page on which a buyer pays, or reads how it ended."""
    words = words_in(session.language)
    body = _form(session) if session.status == OPEN else _end(session)
    note = f'<p class="said" role="status">{escape(words[said])}</p>' if said else ""
    return _page(session.language, words["pay"], note + body)


def problem_page(problem: str, language: str = "en") -> str:
    """Something is wrong: "unknown" or "refused"."""
    words = words_in(language)
    text = f'<section class="card"><h1>{words[problem]}</h1><p class="muted">{words[f"{problem}_text"]}</p></section>'
    return _page(language, words[problem], text)


def return_page(session: Session) -> str:
    """The way back by a form that is posted to the shop from here."""
    words = words_in(session.language)
    state = words.get(session.status, words["pay"])
    form = (
        f'<section class="card"><h1>{escape(state)}</h1>'
        f'<form class="buttons" method="post" action="{escape(session.return_url)}">'
        f'<input type="hidden" name="session" value="{escape(session.id)}">'
        f'<button class="main">{words["button_back"]}</button></form></section>'
    )
    return _page(session.language, state, form)


def _page(language: str, title: str, body: str) -> str:
    words = words_in(language)
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · {words['bank']}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body><main>'
        f"<header>{_MARK}<div>{words['bank']}<small>{words['pretend']}</small></div></header>{body}"
        "</main></body></html>"
    )


def _form(session: Session) -> str:
    words = words_in(session.language)
    return (
        f'<form class="card" method="post" action="/pay/{escape(session.id)}">{_facts(session)}'
        f'<div class="buttons"><button class="main" name="do" value="pay">{words["button_pay"]}</button>'
        f'<button name="do" value="later">{words["button_later"]}</button>'
        f'<button name="do" value="decline">{words["button_decline"]}</button></div>'
        f"<details><summary>{words['testers']}</summary>"
        f"{_choice(session, 'notices', _NOTICES)}{_choice(session, 'sum', _SUMS)}{_way_back(session)}"
        f'<label for="seconds">{words["seconds"]}</label>'
        '<input id="seconds" name="seconds" type="number" min="0" max="86400" value="5">'
        f'<div class="buttons"><button name="do" value="leave">{words["button_leave"]}</button>'
        f'<button name="do" value="close">{words["button_close"]}</button></div></details></form>'
    )


def _end(session: Session) -> str:
    words = words_in(session.language)
    return (
        f'<form class="card" method="post" action="/pay/{escape(session.id)}">'
        f'<h1>{words[session.status]}</h1><p class="muted">{words[f"{session.status}_text"]}</p>{_facts(session)}'
        f'<div class="buttons"><button class="main" name="do" value="leave">{words["button_back"]}</button></div>'
        f"<details><summary>{words['testers']}</summary>{_way_back(session)}"
        f'<div class="buttons"><button name="do" value="repeat">{words["button_repeat"]}</button>'
        f'<button name="do" value="reverse">{words["button_reverse"]}</button></div></details></form>'
    )


def _facts(session: Session) -> str:
    words = words_in(session.language)
    title = f"<h1>{escape(session.title)}</h1>" if session.status == OPEN else f"<p>{escape(session.title)}</p>"
    return (
        f'{title}<p class="sum">{escape(_money(session))}</p>'
        f'<p class="muted">{words["order"]} {escape(session.order_number)}</p>'
    )


def _choice(session: Session, name: str, values: tuple[str, ...]) -> str:
    words = words_in(session.language)
    options = "".join(f'<option value="{value}">{words[f"{name}_{value}"]}</option>' for value in values)
    return f'<label for="{name}">{words[name]}</label><select id="{name}" name="{name}">{options}</select>'


def _way_back(session: Session) -> str:
    words = words_in(session.language)
    options = "".join(
        f'<option value="{way}"{" selected" if way == session.return_by else ""}>{words[f"return_{way}"]}</option>'
        for way in ("get", "post")
    )
    return (
        f'<label for="return_by">{words["return_by"]}</label><select id="return_by" name="return_by">{options}</select>'
    )


def _money(session: Session) -> str:
    amount = Decimal(session.amount_minor).scaleb(-get_currency_precision(session.currency))
    text: str = format_currency(amount, session.currency, locale=session.language)
    # As the store writes it: a space between letters and digits.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text)
