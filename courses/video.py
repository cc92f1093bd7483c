"""Videos by link: which player shows an address. Pure: no database, no network."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

_YOUTUBE_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "youtube-nocookie.com", "www.youtube-nocookie.com"}
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v)/([^/]+)/?")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_VIMEO_PATH = re.compile(r"/(?:video/|channels/[\w-]+/)?(\d{6,12})(?:/([0-9a-f]{6,20}))?/?", re.ASCII)
_VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}")
_FILE_TYPES = {"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg"}

YOUTUBE, VIMEO = "https://www.youtube-nocookie.com", "https://player.vimeo.com"
PLAYERS = (YOUTUBE, VIMEO)


@dataclass(frozen=True)
class Video:
    """What to show: the player's own address for a page in a frame, or a file (`content_type` is then set).

    `origin` is all that the page's content security policy has to let in.
    """

    address: str
    origin: str
    content_type: str = ""

    @property
    def is_file(self) -> bool:
        return bool(self.content_type)


def video_of(url: str) -> Video | None:
    """The video at an address of YouTube, Vimeo or a file over https; None for anything else.

    The player's address is built from the id alone, so nothing else of what was typed reaches the page.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.username is not None or port not in {None, 80, 443}:
        return None
    return _youtube(parts) or _vimeo(parts) or _file(parts)


def _youtube(parts: SplitResult) -> Video | None:
    if parts.hostname == "youtu.be":
        found = parts.path.strip("/")
    elif parts.hostname in _YOUTUBE_HOSTS:
        path = _YOUTUBE_PATH.fullmatch(parts.path)
        found = path[1] if path else parse_qs(parts.query).get("v", [""])[0]
    else:
        return None
    return Video(f"{YOUTUBE}/embed/{found}", YOUTUBE) if _YOUTUBE_ID.fullmatch(found) else None


def _vimeo(parts: SplitResult) -> Video | None:
    path = _VIMEO_PATH.fullmatch(parts.path)
    if parts.hostname not in {"vimeo.com", "www.vimeo.com", "player.vimeo.com"} or not path:
        return None
    secret = path[2] or parse_qs(parts.query).get("h", [""])[0]
    return Video(f"{VIMEO}/video/{path[1]}" + (f"?h={secret}" if _VIMEO_HASH.fullmatch(secret) else ""), VIMEO)


def _file(parts: SplitResult) -> Video | None:
    kind = _FILE_TYPES.get(parts.path.rpartition(".")[2].lower())
    host = parts.hostname or ""
    if not kind or parts.scheme != "https" or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return None
    return Video(parts._replace(fragment="").geturl(), f"https://{host}", kind)
