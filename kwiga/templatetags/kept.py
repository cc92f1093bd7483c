"""`{% load kept %}{% keep theme %}…{% endkeep %}`: parts of a page that are the same for everybody, drawn once.

What is inside may differ by language, by the values named in the tag, and by what stands in `_LATER`, nothing else.
"""

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# What differs from request to request is put in afterwards. No page holds these marks: they are no characters.
_LATER = {"csrf_token": "\ue000csrf\ue000", "address": "\ue000address\ue000"}
_MOST = 64


class KeptNode(Node):
    """Remembers what its nodes drew, by language and the given values."""

    def __init__(self, nodelist: NodeList, names: list[FilterExpression]) -> None:
        self.nodelist, self._names = nodelist, names
        self._kept: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(name.resolve(context) for name in self._names))
        text = self._kept.get(key)
        if text is None:
            text = self._draw(context)
            if len(self._kept) < _MOST:
                self._kept[key] = text
        for name, mark in _LATER.items():
            if mark in text:
                text = text.replace(mark, conditional_escape(str(context.get(name) or "")))
        return SafeString(text)

    def _draw(self, context: Context) -> str:
        # Components see of a page only what its context processors said, so that is where the marks have to stand.
        said: dict[str, Any] = context.dicts[getattr(context, "_processors_index", 0)]
        before = {name: said[name] for name in _LATER if name in said}
        said.update(_LATER)
        try:
            return self.nodelist.render(context)
        finally:
            for name in _LATER:
                del said[name]
            said.update(before)


@register.tag
def keep(parser: Parser, token: Token) -> KeptNode:
    """{% keep theme %}…{% endkeep %}"""
    names = [parser.compile_filter(name) for name in token.split_contents()[1:]]
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeptNode(nodelist, names)
