"""Formatted text that a school writes: typed in an editor, cleaned when it is saved and again when it is shown (D1)."""

import html
import json
import re
from typing import Any

import nh3
from django import forms
from django.forms import Media, Script
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import ProseEditorWidget

# Inside this htmx 2 reads no attribute. In htmx 4 the same fence has another name (tests/kwiga/test_richtext.py).
HTMX_FENCE = "hx-disable"

_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "b", "em", "i", "s", "u", "code", "pre", "blockquote",
    "ul", "ol", "li", "a",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel"}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer",
    clean_content_tags={
        "script", "style", "template", "iframe", "object", "embed", "noscript", "noembed", "noframes", "textarea",
        "title", "xmp", "svg", "math", "select", "button",
    },
)  # fmt: skip
_BARE = nh3.Cleaner(
    tags=set(), attributes={}, clean_content_tags={"script", "style", "template", "title", "svg", "math"}
)
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|blockquote|pre)>|<(?:br|hr)\s*/?>", re.IGNORECASE)
_NOTHING = re.compile(r"(?:<(p|h2|h3|h4)>(?:\s|&nbsp;|<br>)*</\1>\s*)*")

_EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "CodeBlock": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": sorted(_SCHEMES)},
}

# What the editor itself says, by its own English words; static/js/richtext.js puts ours in their place.
_WORDS = {
    "bold": _("Bold"),
    "italic": _("Italic"),
    "underline": _("Underline"),
    "strike": _("Strikethrough"),
    "paragraph": _("Paragraph"),
    "heading 2": _("Heading 2"),
    "heading 3": _("Heading 3"),
    "heading 4": _("Heading 4"),
    "bulletlist": _("Bullet list"),
    "unordered list": _("Bullet list"),
    "orderedlist": _("Numbered list"),
    "ordered list": _("Numbered list"),
    "list properties": _("Properties of the list"),
    "blockquote": _("Quote"),
    "code block": _("Code"),
    "horizontal rule": _("Line across"),
    "insert link": _("Link"),
    "link": _("Link"),
    "remove link": _("Remove the link"),
    "unlink": _("Remove the link"),
    "undo": _("Undo"),
    "redo": _("Redo"),
    "Edit Link": _("Link"),
    "URL": _("Address"),
    "Title": _("Title"),
    "Update": _("Save"),
    "Cancel": _("Cancel"),
    "List properties": _("Properties of the list"),
    "List type": _("Kind of list"),
    "Start at": _("Start at"),
    "Bullets": _("Bullets"),
    "Decimal numbers": _("Numbers"),
    "Lowercase letters": _("Small letters"),
    "Uppercase letters": _("Capital letters"),
    "Lowercase Roman numerals": _("Small Roman numerals"),
    "Uppercase Roman numerals": _("Roman numerals"),
}


def clean(text: str) -> str:
    """The allowed part of some HTML: headings, lists, quotes, code, emphasis and links; empty when nothing is said."""
    cleaned = _CLEANER.clean(text).strip()
    return "" if _NOTHING.fullmatch(cleaned) else cleaned


def shown(text: str) -> SafeString:
    """The text for a page: cleaned again, and fenced off from htmx."""
    cleaned = clean(text)
    if not cleaned:
        return SafeString("")
    return format_html('<div class="prose" {}>{}</div>', HTMX_FENCE, mark_safe(cleaned))  # noqa: S308  cleaned above


def plain_text(text: str) -> str:
    """The words alone, a line for each block, for mails, search and short views. Not HTML: escape it as any text."""
    lines = _BARE.clean(_BLOCK_END.sub("\n", text)).splitlines()
    return html.unescape("\n".join(filter(None, (line.strip() for line in lines))))


class RichTextWidget(ProseEditorWidget):
    """The editor; a plain text area for whoever has no JavaScript."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"rows": 8} | (attrs or {}), config={"extensions": _EXTENSIONS}, preset="configurable")

    @property
    def media(self) -> Media:
        # Ours runs first: it makes room for the editor under the content security policy.
        own: list[Any] = [Script("js/richtext.js", defer=True)]
        return Media(js=own) + super().media

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        words = {english: str(own) for english, own in _WORDS.items()}
        context["widget"]["attrs"]["data-words"] = json.dumps(words, ensure_ascii=False)
        return context


class RichTextField(forms.CharField):
    """A form field whose value comes out cleaned. Put `{% csp_nonce_attr form.media %}` into the page's head.

    Text without any tag, as typed without the editor, gets its paragraphs from empty lines.
    """

    widget = RichTextWidget

    def prepare_value(self, value: Any) -> Any:
        """What the editor opens: cleaned, too, for it parses what it is given in the page."""
        return clean(value) if isinstance(value, str) and "<" in value else value

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        cleaned = clean(text if "<" in text else linebreaks(text, autoescape=True))
        self.validate(cleaned)  # an empty paragraph is no answer to a required field
        return cleaned
