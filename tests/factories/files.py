"""Uploads as a browser sends them."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def upload(name: str, content: bytes, content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file of a form; its type is whatever the browser says."""
    return SimpleUploadedFile(name, content, content_type)


def text_upload(name: str = "notes.txt", text: str = "Some notes") -> SimpleUploadedFile:
    return upload(name, text.encode(), "text/plain")


def picture_bytes(size: tuple[int, int] = (64, 36), kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """An image of one color in the given format."""
    written = io.BytesIO()
    Image.new(mode, size, "#3c4bc4").save(written, kind, **options)
    return written.getvalue()


def picture(name: str = "cover.png", **options: Any) -> SimpleUploadedFile:
    return upload(name, picture_bytes(**options), "image/png")
