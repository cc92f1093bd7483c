"""`{% load kept %}{% keep theme %}…{% endkeep %}`: parts of a page that are the same for everybody, drawn once.

What is inside may differ by language, by the values named in the tag, and by what stands in `_LATER`, nothing else.

    {% keep order.state later number=order.number school=request.school.slug %}…{{ number }}…{% endkeep %}

Behind `later` stand words that differ each time, such as the number of a row. Inside, they can be written out, in
addresses too if nothing of them needs to be encoded there; nothing can be asked about them.
"""

import re
import secrets
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# What differs from request to request is put in afterwards. No page holds these marks: they are no characters.
_LATER = {"csrf_token": "\ue000csrf\ue000", "address": "\ue000address\ue000"}
# Marks of the words named in a tag have to pass for a part of an address; what nobody can guess is on no page either.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"kept{_SECRET}-([a-z]+)-")
_MOST = 64


class KeptNode(Node):
    """Remembers what its nodes drew, by language and the given values."""

    def __init__(self, nodelist: NodeList, names: list[FilterExpression], later: dict[str, FilterExpression]) -> None:
        self.nodelist, self._names, self._later = nodelist, names, later
        self._kept: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(name.resolve(context) for name in self._names))
        text = self._kept.get(key)
        if text is None:
            text = self._draw(context)
            if len(self._kept) < _MOST:
                self._kept[key] = text
        return SafeString(self._filled(text, context))

    def _filled(self, text: str, context: Context) -> str:
        for name, mark in _LATER.items():
            if mark in text:
                text = text.replace(mark, conditional_escape(str(context.get(name) or "")))
        if not self._later:
            return text
        said = {name: conditional_escape(value.resolve(context)) for name, value in self._later.items()}
        return _MARK.sub(lambda mark: said[mark[1]], text)

    def _draw(self, context: Context) -> str:
        # Components see of a page only what its context processors said, so that is where the marks have to stand.
        said: dict[str, Any] = context.dicts[getattr(context, "_processors_index", 0)]
        before = {name: said[name] for name in _LATER if name in said}
        said.update(_LATER)
        try:
            with context.push(**{name: f"kept{_SECRET}-{name}-" for name in self._later}):
                return self.nodelist.render(context)
        finally:
            for name in _LATER:
                del said[name]
            said.update(before)


@register.tag
def keep(parser: Parser, token: Token) -> KeptNode:
    """{% keep theme %}…{% endkeep %}, {% keep state later number=order.number %}…{% endkeep %}"""
    words = token.split_contents()[1:]
    at = words.index("later") if "later" in words else len(words)
    names = [parser.compile_filter(name) for name in words[:at]]
    later = token_kwargs(words[at + 1 :], parser)
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeptNode(nodelist, names, later)
