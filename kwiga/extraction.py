"""How Babel reads a template: Django turns it into lines of Python first, then Babel's own reader takes over."""

import io
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract_template(
    file: BinaryIO, keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """The messages of one template, in the form Babel asks of its readers.

    Each line loses its indentation, which Python's tokenizer would take for a block.
    """
    code = templatize(file.read().decode())
    lines = "\n".join(line.lstrip() for line in code.splitlines())
    return extract_python(io.BytesIO(lines.encode()), keywords, comment_tags, options)
